//! Two gradient checks: a right rule passes, a rule that is 3 % wrong does not.
//!
//! ```text
//! rule 3 x² dy
//! direction 0, dual numbers        forward +1.046443291637190e-2  reverse +1.046443291637190e-2  apart 0.0e0  allowed 1.0e-14  ok
//! direction 0, finite differences  forward +1.046443291672953e-2  reverse +1.046443291637190e-2  apart 3.6e-13  allowed 1.7e-11  ok
//!
//! rule 2.9 x² dy
//! direction 0, dual numbers        forward +1.046443291637190e-2  reverse +1.011561848582617e-2  apart 3.5e-4  allowed 1.0e-14  WRONG
//! direction 0, finite differences  forward +1.046443291672953e-2  reverse +1.011561848582617e-2  apart 3.5e-4  allowed 1.7e-11  WRONG
//!
//! wrong: the gradient rule of cube, called at autograd/examples/04_gradient_check.rs:63:14, with respect to operand 0
//!   operand 0, shape [4, 2]: 8 of 8 elements wrong; the worst and its neighbours:
//!     [1, 1]           gradient -5.332802735e-2  should be -5.516692485e-2
//!     [1, 0]           gradient +4.502876509e-3  should be +4.658148113e-3
//!     [0, 1]           gradient +1.045618674e-2  should be +1.081674490e-2
//!     [2, 1]           gradient -3.479121457e-2  should be -3.599091162e-2
//!   looks like scale: it is 0.966667 times the right gradient
//!
//! ```
//!
//! Forward is `vᵀ(J u)`, from the function; reverse is `(Jᵀv)ᵀu`, from the gradient; v and u are random. Of eight comparisons, three
//! directions and the whole Jacobian of 20 entries, each from two sides, two are shown. `report.assert_ok()` is what a test says.
use ferrotape_autograd::{
    Io, Layout, Op, Params, Scalar, ShapeError, Site, Type, Var,
    check::{Report, gradcheck},
};

/// `y[i] = x[i]³`, with a gradient rule `slope · x² · dy`: right where the slope is 3.
#[derive(Debug)]
struct Cube {
    slope: f64,
}

impl Op for Cube {
    fn name(&self) -> &'static str {
        "cube"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        for (y, &x) in io.y(0).iter_mut().zip(io.x(0)) {
            *y = x * x * x;
        }
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        let x = at.x[0];
        dy[0].map(|dy| self.slope * (x * x * dy))
    }
}

/// Checks `loss = cross_entropy(cube(x wᵀ + b), labels)` with respect to x, w and b.
fn check(slope: f64) -> Report {
    let params = Params::seeded(7);
    let w = params.add("w", [2, 3], Layout::Rows, &[0.4, -0.8, 1.2, -0.6, 1.0, 0.2]);
    let b = params.add("b", [2], Layout::Rows, &[0.5, -0.5]);
    gradcheck(&params, &[&[4, 3]], |tape, x| {
        let z = x[0].linear(tape.param(w), tape.param(b));
        tape.apply(Cube { slope }, &[z]).cross_entropy(tape.input_u32(&[0, 1, 1, 0]))
    })
}

fn main() {
    for slope in [3.0, 2.9] {
        let mut report = check(slope);
        assert_eq!(report.ok(), slope == 3.0);
        // Printed whole, a report is longer: all comparisons, and errors over step sizes.
        report.comparisons.truncate(2);
        report.explanation.iter_mut().for_each(|e| e.curve = None);
        println!("rule {slope} x² dy\n{report}");
    }
}
