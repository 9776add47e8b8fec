//! Two gradient checks: a right rule passes, a rule that is 3 % wrong does not.
//!
//! ```text
//! rule 3 x² dy
//! direction 0, dual numbers        forward -3.238871908697075e-1  reverse -3.238871908697075e-1  apart 0.0e0  allowed 3.2e-13  ok
//! direction 0, finite differences  forward -3.238871908706642e-1  reverse -3.238871908697075e-1  apart 9.6e-13  allowed 4.6e-10  ok
//! direction 1, dual numbers        forward -1.786514396927164e-1  reverse -1.786514396927165e-1  apart 5.6e-17  allowed 1.8e-13  ok
//! direction 1, finite differences  forward -1.786514396940220e-1  reverse -1.786514396927165e-1  apart 1.3e-12  allowed 4.0e-10  ok
//! direction 2, dual numbers        forward +2.070418302285134e-1  reverse +2.070418302285135e-1  apart 1.1e-16  allowed 2.1e-13  ok
//! direction 2, finite differences  forward +2.070418302306128e-1  reverse +2.070418302285135e-1  apart 2.1e-12  allowed 2.9e-10  ok
//!
//! rule 2.9 x² dy
//! direction 0, dual numbers        forward -3.238871908697075e-1  reverse -3.130909511740504e-1  apart 1.1e-2  allowed 3.2e-13  WRONG
//! direction 0, finite differences  forward -3.238871908706642e-1  reverse -3.130909511740504e-1  apart 1.1e-2  allowed 4.6e-10  WRONG
//! direction 1, dual numbers        forward -1.786514396927164e-1  reverse -1.726963917029592e-1  apart 6.0e-3  allowed 1.8e-13  WRONG
//! direction 1, finite differences  forward -1.786514396940220e-1  reverse -1.726963917029592e-1  apart 6.0e-3  allowed 4.0e-10  WRONG
//! direction 2, dual numbers        forward +2.070418302285134e-1  reverse +2.001404358875629e-1  apart 6.9e-3  allowed 2.1e-13  WRONG
//! direction 2, finite differences  forward +2.070418302306128e-1  reverse +2.001404358875629e-1  apart 6.9e-3  allowed 2.9e-10  WRONG
//! ```
//!
//! Forward is `vᵀ(J u)`, from the function; reverse is `(Jᵀv)ᵀu`, from the gradient; v and u are random.
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
        let report = check(slope);
        println!("rule {slope} x² dy\n{report}");
        assert_eq!(report.ok(), slope == 3.0);
    }
}
