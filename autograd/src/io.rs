//! What a kernel is handed: operands as slices, outputs as slices, and the step it runs in.
use crate::{Layout, Shape, Source, Type};
use arrayvec::ArrayVec;
use ferrotape_kernels::{View, ViewMut};

/// The most operands of a computing instruction.
pub const MAX_OPERANDS: usize = 8;
/// The most outputs of a computing instruction.
pub const MAX_OUTPUTS: usize = 4;

/// One operand.
#[derive(Copy, Clone, Debug)]
pub enum In<'a, S> {
    /// Real numbers, in the slot's layout.
    Real(&'a [S]),
    /// Labels or indices.
    U32(&'a [u32]),
    /// A data set.
    Records(&'a dyn Source),
}

/// One output.
#[derive(Debug)]
pub enum Out<'a, S> {
    /// Real numbers, in the slot's layout.
    Real(&'a mut [S]),
    /// Labels, indices, winners.
    U32(&'a mut [u32]),
}

/// Operands and outputs of one instruction.
///
/// The lists are inline: running an instruction allocates nothing. Each output is handed out once, so two outputs
/// can be held at the same time.
#[derive(Debug)]
pub struct Io<'a, S> {
    pub(crate) x: ArrayVec<(Type, In<'a, S>), MAX_OPERANDS>,
    pub(crate) y: ArrayVec<(Type, Option<Out<'a, S>>), MAX_OUTPUTS>,
    /// Updates made so far: what a random mask is keyed by.
    pub step: u64,
    /// Seed of the parameter store: likewise.
    pub seed: u64,
    /// Images of the batch that come before these, where a chain runs it in pieces.
    pub first_image: usize,
}

impl<'a, S> Io<'a, S> {
    /// Type of operand `i`.
    pub fn ty(&self, i: usize) -> &Type {
        &self.x[i].0
    }

    /// Shape of operand `i`, spoken.
    pub fn shape(&self, i: usize) -> Shape {
        self.x[i].0.shape
    }

    /// Layout of operand `i`.
    pub fn layout(&self, i: usize) -> Layout {
        self.x[i].0.layout
    }

    /// Type of output `j`.
    pub fn out_ty(&self, j: usize) -> &Type {
        &self.y[j].0
    }

    /// Operand `i`: real numbers in memory order.
    pub fn x(&self, i: usize) -> &'a [S] {
        match self.x[i].1 {
            In::Real(x) => x,
            _ => panic!("operand {i} is {}, not real", self.x[i].0),
        }
    }

    /// Operand `i`: integers in memory order.
    pub fn x_u32(&self, i: usize) -> &'a [u32] {
        match self.x[i].1 {
            In::U32(x) => x,
            _ => panic!("operand {i} is {}, not u32", self.x[i].0),
        }
    }

    /// Operand `i`: a data set.
    pub fn records(&self, i: usize) -> &'a dyn Source {
        match self.x[i].1 {
            In::Records(source) => source,
            _ => panic!("operand {i} is {}, not a data set", self.x[i].0),
        }
    }

    /// Operand `i` by spoken index.
    pub fn view<const R: usize>(&self, i: usize) -> View<'a, S, R> {
        View::new(self.x(i), &self.x[i].0.shape, self.x[i].0.layout)
    }

    /// Integer operand `i` by spoken index.
    pub fn view_u32<const R: usize>(&self, i: usize) -> View<'a, u32, R> {
        View::new(self.x_u32(i), &self.x[i].0.shape, self.x[i].0.layout)
    }

    fn take(&mut self, j: usize) -> Out<'a, S> {
        self.y[j].1.take().unwrap_or_else(|| panic!("output {j} is asked for twice"))
    }

    /// Output `j`: real numbers in memory order. May be asked for once.
    pub fn y(&mut self, j: usize) -> &'a mut [S] {
        match self.take(j) {
            Out::Real(y) => y,
            Out::U32(_) => panic!("output {j} is {}, not real", self.y[j].0),
        }
    }

    /// Output `j`: integers in memory order. May be asked for once.
    pub fn y_u32(&mut self, j: usize) -> &'a mut [u32] {
        match self.take(j) {
            Out::U32(y) => y,
            Out::Real(_) => panic!("output {j} is {}, not u32", self.y[j].0),
        }
    }

    /// Output `j` by spoken index. May be asked for once.
    pub fn view_mut<const R: usize>(&mut self, j: usize) -> ViewMut<'a, S, R> {
        let Type { shape, layout, .. } = self.y[j].0;
        ViewMut::new(self.y(j), &shape, layout)
    }

    /// Integer output `j` by spoken index. May be asked for once.
    pub fn view_mut_u32<const R: usize>(&mut self, j: usize) -> ViewMut<'a, u32, R> {
        let Type { shape, layout, .. } = self.y[j].0;
        ViewMut::new(self.y_u32(j), &shape, layout)
    }
}
