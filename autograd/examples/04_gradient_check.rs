//! Two gradient checks: a right rule passes, a rule that is 3 % wrong does not.
//!
//! ```text
//! rule 3 x² dy
//! direction 0, dual numbers        forward +1.046443291637190e-2  reverse +1.046443291637190e-2  apart 0.0e0  allowed 1.0e-14  ok
//! direction 0, finite differences  forward +1.046443291672953e-2  reverse +1.046443291637190e-2  apart 3.6e-13  allowed 1.7e-11  ok
//! direction 1, dual numbers        forward +1.806459740948684e-1  reverse +1.806459740948684e-1  apart 2.8e-17  allowed 1.8e-13  ok
//! direction 1, finite differences  forward +1.806459740902255e-1  reverse +1.806459740948684e-1  apart 4.6e-12  allowed 2.7e-10  ok
//! direction 2, dual numbers        forward -3.341970395473285e-1  reverse -3.341970395473287e-1  apart 1.1e-16  allowed 3.3e-13  ok
//! direction 2, finite differences  forward -3.341970395429901e-1  reverse -3.341970395473287e-1  apart 4.3e-12  allowed 4.5e-10  ok
//! ∂y0/∂x12   , dual numbers        forward -2.985004297167407e-2  reverse -2.985004297167417e-2  apart 9.7e-17  allowed 2.4e-13  ok (the worst of 20 entries)
//! ∂y0/∂x7    , finite differences  forward -2.146536320939655e-1  reverse -2.146536320880757e-1  apart 5.9e-12  allowed 3.9e-10  ok (the worst of 20 entries)
//!
//! rule 2.9 x² dy
//! direction 0, dual numbers        forward +1.046443291637190e-2  reverse +1.011561848582617e-2  apart 3.5e-4  allowed 1.0e-14  WRONG
//! direction 0, finite differences  forward +1.046443291672953e-2  reverse +1.011561848582617e-2  apart 3.5e-4  allowed 1.7e-11  WRONG
//! direction 1, dual numbers        forward +1.806459740948684e-1  reverse +1.746244416250394e-1  apart 6.0e-3  allowed 1.8e-13  WRONG
//! direction 1, finite differences  forward +1.806459740902255e-1  reverse +1.746244416250394e-1  apart 6.0e-3  allowed 2.7e-10  WRONG
//! direction 2, dual numbers        forward -3.341970395473285e-1  reverse -3.230571382290843e-1  apart 1.1e-2  allowed 3.3e-13  WRONG
//! direction 2, finite differences  forward -3.341970395429901e-1  reverse -3.230571382290843e-1  apart 1.1e-2  allowed 4.5e-10  WRONG
//! ∂y0/∂x19   , dual numbers        forward -2.372942537663436e-1  reverse -2.293844453074654e-1  apart 7.9e-3  allowed 2.4e-13  WRONG (20 of 20 entries)
//! ∂y0/∂x19   , finite differences  forward -2.372942537685200e-1  reverse -2.293844453074654e-1  apart 7.9e-3  allowed 3.4e-10  WRONG (20 of 20 entries)
//!
//! wrong: the gradient rule of cube, called at autograd/examples/04_gradient_check.rs:88:14, with respect to operand 0
//!   operand 0, shape [4, 2]: 8 of 8 elements wrong; the worst and its neighbours:
//!     [1, 1]           gradient -5.332802735e-2  should be -5.516692485e-2
//!     [1, 0]           gradient +4.502876509e-3  should be +4.658148113e-3
//!     [0, 1]           gradient +1.045618674e-2  should be +1.081674490e-2
//!     [2, 1]           gradient -3.479121457e-2  should be -3.599091162e-2
//!   looks like scale: it is 0.966667 times the right gradient
//!   finite differences against the gradient, in the worst element of x:
//!     h 1e-1   error 1.43e-3
//!     h 1e-2   error 2.38e-3   #######
//!     h 1e-3   error 2.39e-3   #######
//!     h 1e-4   error 2.39e-3   #######
//!     h 1e-5   error 2.39e-3   #######
//!     h 1e-6   error 2.39e-3   #######
//!     h 1e-7   error 2.39e-3   #######
//!     h 1e-8   error 2.39e-3   #######
//!     h 1e-9   error 2.39e-3   #######
//!     h 1e-10  error 2.39e-3   #######
//!     h 1e-11  error 2.39e-3   #######
//!     h 1e-12  error 2.39e-3   #######
//!   no kink within 0.1 in this element
//! ```
//!
//! Forward is `vᵀ(J u)`, from the function; reverse is `(Jᵀv)ᵀu`, from the gradient; v and u are random. The Jacobian has 20 entries,
//! and is compared whole. The rule that is wrong is named, with its line, and what the mistake looks like.
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
