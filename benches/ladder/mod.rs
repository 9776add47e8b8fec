//! One convolution in several ways, from the definition to the kernels in use: what each step of the ladder brings.
//!
//! | rung | what it is |
//! |---|---|
//! | `reference` | the definition, in f32: loops over spoken indices |
//! | `im2col+gemm` | patches copied into a matrix, then our own matrix product: the textbook's way |
//! | `tiled` | the kernels in use, compiled for what every processor has: blocking without wide vectors |
//! | `neon`, `avx2`, `avx512` | the same source, compiled for the instruction set |
pub mod im2col;

use crate::values;
pub use ferrotape_kernels::conv2d::Pass;
use ferrotape_kernels::{
    Cpu, Isa, Layout, Pool, View, ViewMut,
    conv2d::{Conv2d, cpu, reference},
};

/// A way to compute a convolution.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Rung {
    /// The definition.
    Reference,
    /// Patches as a matrix.
    Im2col,
    /// The kernels in use, for an instruction set.
    Direct(Isa),
}

impl Rung {
    /// Those that this processor can climb, from the bottom.
    pub fn all() -> Vec<Self> {
        [Self::Reference, Self::Im2col].into_iter().chain(Isa::available().map(Self::Direct)).collect()
    }

    /// Its name in benches and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Im2col => "im2col+gemm",
            Self::Direct(Isa::Scalar) => "tiled",
            Self::Direct(isa) => isa.name(),
        }
    }

    /// The context it runs in: its instruction set, or the best.
    pub fn context(self, pool: &Pool) -> Cpu {
        let isa = if let Self::Direct(isa) = self { isa } else { Isa::best() };
        Cpu::with_isa(pool, isa).expect("an available instruction set")
    }
}

/// The passes that training needs: nobody wants the gradient of an image.
pub fn needed(s: &Conv2d) -> impl Iterator<Item = Pass> + use<> {
    let image = s.ci <= 3;
    Pass::ALL.into_iter().filter(move |&p| !image || p != Pass::Dgrad)
}

/// A convolution with its operands.
#[derive(Clone, Debug)]
pub struct Convolution {
    /// Its sizes.
    pub s: Conv2d,
    x: Vec<f32>,
    w: Vec<f32>,
    b: Vec<f32>,
    dy: Vec<f32>,
    /// Results of forward, dgrad, wgrad.
    y: [Vec<f32>; 3],
}

impl Convolution {
    /// Operands of these sizes.
    pub fn new(s: Conv2d) -> Self {
        let [x, w, y] = [s.x(), s.weight(), s.y()].map(|shape| shape.len());
        let results = [y, x, w].map(|len| vec![0.0; len]);
        Self { s, x: values(x), w: values(w), b: values(s.co), dy: values(y), y: results }
    }

    /// Computes one pass and returns its result.
    pub fn run(&mut self, rung: Rung, pass: Pass, context: &Cpu) -> &mut [f32] {
        let Self { s, x, w, b, dy, y: [y, dx, dw] } = self;
        match (rung, pass) {
            (Rung::Direct(_), Pass::Forward) => cpu::forward(s, x, w, b, y, context),
            (Rung::Direct(_), Pass::Dgrad) => cpu::dgrad(s, dy, w, dx, context),
            (Rung::Direct(_), Pass::Wgrad) => cpu::wgrad(s, x, dy, dw, context),
            (Rung::Im2col, Pass::Forward) => im2col::forward(s, x, w, b, y, context),
            (Rung::Im2col, Pass::Dgrad) => im2col::dgrad(s, dy, w, dx, context),
            (Rung::Im2col, Pass::Wgrad) => im2col::wgrad(s, x, dy, dw, context),
            (Rung::Reference, _) => {
                let x = View::new(x, &s.x(), Layout::Nhwc);
                let w = View::new(w, &s.weight(), Layout::Hwio);
                let dy = View::new(dy, &s.y(), Layout::Nhwc);
                match pass {
                    Pass::Forward => reference::forward(s, x, w, b, ViewMut::new(y, &s.y(), Layout::Nhwc)),
                    Pass::Dgrad => reference::dgrad(s, dy, w, ViewMut::new(dx, &s.x(), Layout::Nhwc)),
                    Pass::Wgrad => reference::wgrad(s, x, dy, ViewMut::new(dw, &s.weight(), Layout::Hwio)),
                }
            }
        }
        match pass {
            Pass::Forward => y,
            Pass::Dgrad => dx,
            Pass::Wgrad => dw,
        }
    }
}
