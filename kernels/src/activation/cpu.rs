//! Activation functions with SIMD and threads. The piecewise linear ones and all gradients give the reference's bits;
//! sigmoid and tanh are within 4 ulp of the exact value.
use crate::{
    Cpu,
    elementwise::cpu::{CHUNK, SERIAL, map, zip},
    simd::{Kernel, LANES, Simd, math},
};

/// `y = max(x, 0)`; a NaN stays one.
pub fn relu(x: &[f32], y: &mut [f32], cpu: &Cpu) {
    map(x, y, cpu, |x| if x <= 0.0 { 0.0 } else { x });
}

/// `dx = dy` where `y > 0` (or is NaN), else 0.
pub fn relu_grad(y: &[f32], dy: &[f32], dx: &mut [f32], cpu: &Cpu) {
    zip(y, dy, dx, cpu, |y, dy| if y <= 0.0 { 0.0 } else { dy });
}

/// `y = x` where `x > 0`, else `slope · x`.
pub fn leaky_relu(slope: f32, x: &[f32], y: &mut [f32], cpu: &Cpu) {
    map(x, y, cpu, move |x| if x > 0.0 { x } else { slope * x });
}

/// `dx = dy` where `x > 0`, else `slope · dy`.
pub fn leaky_relu_grad(slope: f32, x: &[f32], dy: &[f32], dx: &mut [f32], cpu: &Cpu) {
    zip(x, dy, dx, cpu, move |x, dy| if x > 0.0 { dy } else { slope * dy });
}

/// `y = 1 / (1 + e^-x)`
pub fn sigmoid(x: &[f32], y: &mut [f32], cpu: &Cpu) {
    function::<Sigmoid>(x, y, cpu);
}

/// `dx = dy · y (1 - y)`
pub fn sigmoid_grad(y: &[f32], dy: &[f32], dx: &mut [f32], cpu: &Cpu) {
    zip(y, dy, dx, cpu, |y, dy| dy * (y * (1.0 - y)));
}

/// `y = (e^2x - 1) / (e^2x + 1)`
pub fn tanh(x: &[f32], y: &mut [f32], cpu: &Cpu) {
    function::<Tanh>(x, y, cpu);
}

/// `dx = dy · (1 - y²)`
pub fn tanh_grad(y: &[f32], dy: &[f32], dx: &mut [f32], cpu: &Cpu) {
    zip(y, dy, dx, cpu, |y, dy| dy * (1.0 - y * y));
}

/// A function on vectors.
trait Function: Copy + Sync {
    fn at<S: Simd>(s: S, x: S::V) -> S::V;
}

#[derive(Copy, Clone)]
struct Sigmoid;
impl Function for Sigmoid {
    #[inline(always)]
    fn at<S: Simd>(s: S, x: S::V) -> S::V {
        math::sigmoid(s, x)
    }
}

#[derive(Copy, Clone)]
struct Tanh;
impl Function for Tanh {
    #[inline(always)]
    fn at<S: Simd>(s: S, x: S::V) -> S::V {
        math::tanh(s, x)
    }
}

/// `y[i] = F(x[i])`
fn function<F: Function>(x: &[f32], y: &mut [f32], cpu: &Cpu) {
    assert_eq!(x.len(), y.len());
    let token = cpu.token();
    cpu.workers(y.len() > SERIAL / 8).for_each_chunk(y, CHUNK / 8, |i, y| {
        let x = &x[i * CHUNK / 8..][..y.len()];
        token.run(Map { x, y, f: std::marker::PhantomData::<F> });
    });
}

struct Map<'a, F> {
    x: &'a [f32],
    y: &'a mut [f32],
    f: std::marker::PhantomData<F>,
}

impl<F: Function> Kernel for Map<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for (x, y) in self.x.chunks(LANES).zip(self.y.chunks_mut(LANES)) {
            s.store_some(F::at(s, s.load_some(x)), y);
        }
    }
}
