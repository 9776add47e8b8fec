//! An operation of one's own, by the public interface alone: Swish, checked, then trained through.
//!
//! ```text
//! step 15   loss 2.0e-3   w 1.9674
//! step 30   loss 9.2e-7   w 1.9993
//! ```
//! An operation is shapes, a definition in any scalar, and a gradient rule for each operand.
use ferrotape_autograd::{Io, Layout, Op, Params, Scalar, Sgd, ShapeError, Site, Tape, Type, Var, check};

fn sigmoid<S: Scalar>(x: S) -> S {
    S::ONE / (S::ONE + (-x).exp())
}

/// `y[i] = x[i] σ(x[i])`
#[derive(Debug)]
struct Swish;

impl Op for Swish {
    fn name(&self) -> &'static str {
        "swish"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        for (y, &x) in io.y(0).iter_mut().zip(io.x(0)) {
            *y = x * sigmoid(x);
        }
    }

    fn vjp<'t>(&self, _: usize, at: &Site<'t>, dy: &[Option<Var<'t>>]) -> Option<Var<'t>> {
        dy[0].map(|dy| dy.tape().apply(SwishGrad, &[at.x[0], dy]))
    }
}

/// (x, dy) -> dx, `dx[i] = dy[i] (σ + x[i] σ (1 - σ))` with `σ = σ(x[i])`
#[derive(Debug)]
struct SwishGrad;

impl Op for SwishGrad {
    fn name(&self) -> &'static str {
        "swish_grad"
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        Ok(vec![x[0]])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        for ((dx, &x), &dy) in io.y(0).iter_mut().zip(io.x(0)).zip(io.x(1)) {
            let s = sigmoid(x);
            *dx = dy * (s + x * s * (S::ONE - s));
        }
    }
}

fn main() {
    let params = Params::default();
    check::gradcheck(&params, &[&[3, 5]], |tape, x| tape.apply(Swish, &[x[0]])).assert_ok();
    // Which slope made these values? They lie on y = swish(2 x).
    let x = [-2.0, -1.0, 0.0, 1.0, 2.0_f32];
    let y = x.map(|x| 2.0 * x * sigmoid(2.0 * x));
    params.set_lr(0.1);
    let w = params.add("w", [1, 1], Layout::Rows, &[0.5]);
    let tape = Tape::recording(&params);
    let z = tape.input([5, 1], &x).matmul(tape.param(w));
    let loss = tape.apply(Swish, &[z]).mse(tape.input([5, 1], &y));
    loss.backward().step(Sgd::default());
    let mut program = tape.compile(&[loss]);
    for step in 1..=30 {
        let loss = program.run(&params, &[]).unwrap()[0];
        if step % 15 == 0 {
            println!("step {step}   loss {loss:.1e}   w {:.4}", params.values(w)[0]);
        }
    }
    assert!((params.values(w)[0] - 2.0).abs() < 1e-3);
}
