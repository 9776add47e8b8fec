//! Slices read and written by spoken index, whatever their layout: how every reference kernel sees its operands.
use crate::{Layout, Shape};
use std::ops::{Index, IndexMut};

/// `data` indexed as `view[[n, c, h, w]]`.
#[derive(Copy, Clone, Debug)]
pub struct View<'a, S, const R: usize> {
    data: &'a [S],
    strides: [usize; R],
    sizes: [usize; R],
}

/// Likewise, for writing.
#[derive(Debug)]
pub struct ViewMut<'a, S, const R: usize> {
    data: &'a mut [S],
    strides: [usize; R],
    sizes: [usize; R],
}

fn geometry<const R: usize>(len: usize, shape: &Shape, layout: Layout) -> ([usize; R], [usize; R]) {
    assert_eq!(len, shape.len(), "a view of shape {shape} over {len} elements");
    let sizes = shape.dims().unwrap_or_else(|| panic!("a view of rank {R} of shape {shape}"));
    let strides = layout.strides(shape);
    (sizes, std::array::from_fn(|d| strides[d]))
}

impl<'a, S, const R: usize> View<'a, S, R> {
    /// A view of `shape` over `data`, which lies in `layout`.
    pub fn new(data: &'a [S], shape: &Shape, layout: Layout) -> Self {
        let (sizes, strides) = geometry(data.len(), shape, layout);
        Self { data, strides, sizes }
    }

    /// Sizes in spoken order.
    pub fn sizes(&self) -> [usize; R] {
        self.sizes
    }
}

impl<'a, S, const R: usize> ViewMut<'a, S, R> {
    /// A view of `shape` over `data`, which lies in `layout`.
    pub fn new(data: &'a mut [S], shape: &Shape, layout: Layout) -> Self {
        let (sizes, strides) = geometry(data.len(), shape, layout);
        Self { data, strides, sizes }
    }

    /// Sizes in spoken order.
    pub fn sizes(&self) -> [usize; R] {
        self.sizes
    }
}

impl<S, const R: usize> Index<[usize; R]> for View<'_, S, R> {
    type Output = S;
    fn index(&self, at: [usize; R]) -> &S {
        debug_assert!((0..R).all(|d| at[d] < self.sizes[d]), "{at:?} outside {:?}", self.sizes);
        &self.data[(0..R).map(|d| at[d] * self.strides[d]).sum::<usize>()]
    }
}

impl<S, const R: usize> Index<[usize; R]> for ViewMut<'_, S, R> {
    type Output = S;
    fn index(&self, at: [usize; R]) -> &S {
        debug_assert!((0..R).all(|d| at[d] < self.sizes[d]), "{at:?} outside {:?}", self.sizes);
        &self.data[(0..R).map(|d| at[d] * self.strides[d]).sum::<usize>()]
    }
}

impl<S, const R: usize> IndexMut<[usize; R]> for ViewMut<'_, S, R> {
    fn index_mut(&mut self, at: [usize; R]) -> &mut S {
        debug_assert!((0..R).all(|d| at[d] < self.sizes[d]), "{at:?} outside {:?}", self.sizes);
        &mut self.data[(0..R).map(|d| at[d] * self.strides[d]).sum::<usize>()]
    }
}

/// Every index of `sizes`, the last fastest.
pub fn indices<const R: usize>(sizes: [usize; R]) -> impl Iterator<Item = [usize; R]> {
    let len = sizes.iter().product::<usize>();
    (0..len).map(move |mut flat| {
        let mut at = [0; R];
        for d in (0..R).rev() {
            at[d] = flat % sizes[d];
            flat /= sizes[d];
        }
        at
    })
}
