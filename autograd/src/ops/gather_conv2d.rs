//! The first convolution of a network and the gather before it, in one pass: what the planner makes of them for a GPU.
use super::{Conv2dBlock, Gather};
use crate::{
    DType, Io, Launches, Layout, Op, Scalar, ShapeError, Type, View, ViewMut,
    card::{Card, Case, Family, Input},
};
use ferrotape_kernels::{
    conv2d::cuda,
    gather::{self, reference},
};

/// (data set, indices, w, b) -> (y, labels): `y = block(images, w, b)` of `(images, labels) = gather(data set, indices)`, whose
/// images are never in memory.
///
/// - **Shapes**: as of the two it is made of.
/// - **Gradient**: none flows through it: the planner fuses after differentiation, and where a gradient is asked for,
///   the images are read again.
/// - **Conventions**: a CPU's programs have none: chains keep the images in a cache instead.
/// - **Errors**: as theirs.
///
/// ```
/// # use ferrotape_autograd::{Input, Params, Source, Tape, ops::{Conv2dBlock, GatherConv2d}};
/// # use std::sync::Arc;
/// # let params = Params::default();
/// # #[derive(Debug)] struct Dots;
/// # impl Source for Dots { fn len(&self) -> usize { 2 } fn shape(&self) -> [usize; 3] { [1, 1, 2] } fn classes(&self) -> usize { 2 }
/// # fn pixels(&self, record: usize) -> &[u8] { &[0, 255, 0][record..][..2] } fn label(&self, record: usize) -> u8 { record as u8 } }
/// let tape = Tape::inference(&params);
/// let dots: Arc<dyn Source> = Arc::new(Dots);
/// let (source, indices) = (tape.source(&dots), tape.input_u32(&[1, 0]));
/// let (w, b) = (tape.input([1, 1, 1, 2], &[1., 10.]), tape.input([1], &[0.]));
/// let block = Conv2dBlock { stride: 1, padding: 0, activation: None, pool: None, winner: false };
/// let y = tape.apply_all(GatherConv2d { input: Input::Rgb01, block }, &[source, indices, w, b]);
/// let (x, _) = tape.gather(source, indices, Input::Rgb01);
/// assert_eq!(y[0].values(), x.conv2d(w, b, 1, 0).values());
/// ```
#[derive(Clone, Debug)]
pub struct GatherConv2d {
    /// How bytes become numbers.
    pub input: gather::Input,
    /// What is made of the images; winners are not written.
    pub block: Conv2dBlock,
}

impl GatherConv2d {
    /// The gather, and types of images and labels.
    fn gather(&self, x: &[Type]) -> Result<(gather::Gather, [Type; 2]), ShapeError> {
        let op = Gather { input: self.input, flat: false };
        let y = op.infer(&x[..2])?;
        Ok((op.spec(&x[0], &x[1])?, [y[0], y[1]]))
    }

    /// Types of the convolution's operands.
    fn of_block(&self, x: &[Type]) -> Result<[Type; 3], ShapeError> {
        let (_, [images, _]) = self.gather(x)?;
        Ok([images, x[2], x[3]])
    }
}

impl Op for GatherConv2d {
    fn name(&self) -> &'static str {
        "gather_conv2d"
    }

    fn dtype(&self, i: usize) -> DType {
        [DType::U8, DType::U32, DType::Real, DType::Real][i]
    }

    fn wants(&self, i: usize, _: &[Type]) -> Layout {
        if i == 2 { Layout::Hwio } else { Layout::Rows }
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        let (_, [_, labels]) = self.gather(x)?;
        let y = self.block.infer(&self.of_block(x)?)?;
        Ok(vec![y[0], labels])
    }

    fn has_gradient(&self, _: usize) -> bool {
        false
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let types = [0, 1, 2, 3].map(|i| *io.ty(i));
        let (spec, [ty, _]) = self.gather(&types).expect("inferred");
        let (source, indices) = (io.records(0), io.x_u32(1));
        super::gather::labels(source, indices, io.first_image, io.y_u32(1));
        let mut images = vec![S::ZERO; ty.len()];
        for (n, &index) in indices.iter().enumerate() {
            let mut images = ViewMut::new(&mut images, &ty.shape, ty.layout);
            reference::record(&spec, source.pixels(index as usize), n, &mut images);
        }
        let specs = self.block.spec(&self.of_block(&types).expect("inferred")).expect("inferred");
        let images = View::new(&images, &ty.shape, ty.layout);
        self.block.define(&specs, images, io.view(2), io.x(3), io.y(0), None);
    }

    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        let (gather, _) = self.gather(x).expect("inferred");
        let (conv, epilogue) = self.block.spec(&self.of_block(x).expect("inferred")).expect("inferred");
        Some(cuda::gathered(&gather, x[0].shape.dim(0), &conv, &epilogue))
    }

    /// Of the data set only the records of the batch.
    fn bytes(&self, x: &[Type], y: &[Type]) -> u64 {
        let records = self.gather(x).map_or(0, |(spec, _)| (spec.n * spec.record()) as u64);
        records + x[1..].iter().chain(y).map(Type::bytes).sum::<u64>()
    }

    fn flops(&self, x: &[Type], y: &[Type]) -> u64 {
        let (Ok((_, images)), Ok(of_block)) = (self.gather(x), self.of_block(x)) else { return 0 };
        let gather = Gather { input: self.input, flat: false };
        gather.flops(&x[..2], &images) + self.block.flops(&of_block, &y[..1])
    }
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "gather_conv2d",
    equation: "y = max_pool2d(f(conv2d(gather(data set, indices), w, b)))",
    cases: || {
        const RELU: Conv2dBlock = Conv2dBlock {
            stride: 1,
            padding: 0,
            activation: Some(ferrotape_kernels::activation::Activation::Relu),
            pool: None,
            winner: false,
        };
        let operands =
            |n: usize, w: [usize; 4]| vec![Input::integers(n, 7), Input::real(&w), Input::real(&w[..1])];
        macro_rules! case {
            ($family:ident, $n:literal, $image:expr, $w:expr, $input:ident, $block:expr) => {
                Case::new(Family::$family, operands($n, $w), |tape, x| {
                    let set = super::gather::walk(tape, $image);
                    let op = GatherConv2d { input: gather::Input::$input, block: $block };
                    tape.apply_all(op, &[set, x[0], x[1], x[2]])[0]
                })
            };
        }
        vec![
            case!(Plain, 5, [3, 8, 8], [8, 3, 3, 3], Rgb, RELU),
            case!(Plain, 5, [3, 8, 8], [8, 1, 3, 3], Gray, RELU),
            case!(Plain, 5, [1, 9, 7], [16, 1, 3, 3], Signed, Conv2dBlock { pool: Some([2, 2]), ..RELU }),
            case!(Batch1, 1, [3, 9, 7], [8, 3, 5, 3], Rgb01, Conv2dBlock { activation: None, ..RELU }),
            case!(Stride, 3, [3, 9, 8], [7, 3, 2, 2], Raw255, Conv2dBlock { stride: 2, padding: 1, ..RELU }),
            case!(OneElement, 1, [1, 1, 1], [1, 1, 1, 1], Signed, RELU),
        ]
        .into_iter()
        .map(Case::no_gradient)
        .collect()
    },
    refusals: Vec::new,
};

#[cfg(test)]
mod tests {
    use super::super::gather::walk;
    use crate::{Device, Feed, Input, Params, Program, Rewrites, Tape};

    /// Logits of two images, after a convolution, tanh and pooling.
    fn program(device: Device, keep_images: bool, gather: bool) -> (Params, Program) {
        let params = Params::default();
        let tape = Tape::recording(&params).with_device(device);
        let (images, labels) = tape.gather(walk(&tape, [3, 6, 7]), tape.feed_u32(2), Input::Rgb);
        let numbers = |n: usize| (0..n).map(|i| (i as f32 * 0.37).sin()).collect::<Vec<_>>();
        let [w, b] = [tape.input([8, 3, 3, 3], &numbers(216)), tape.input([8], &numbers(8))];
        let logits = images.conv2d(w, b, 1, 0).tanh().max_pool2d(2, 2).flatten();
        let mut keep = vec![logits.cross_entropy(labels), logits];
        keep.extend(keep_images.then_some(images));
        let program = tape.compile_with(&keep, Rewrites { chain: None, gather, ..Rewrites::ALL });
        (params, program)
    }

    /// Only a convolution reads the images, or somebody else does too; a CPU keeps them in a cache.
    #[test]
    fn planned_where_nobody_else_reads_the_images() {
        let planned = |device: Device, keep_images: bool, gather: bool| {
            let (_, program) = program(device, keep_images, gather);
            let names: Vec<_> = program.code().instructions().iter().map(|i| i.name()).collect();
            assert_ne!(names.contains(&"gather"), names.contains(&"gather_conv2d"), "{names:?}");
            names.contains(&"gather_conv2d")
        };
        assert!(planned(Device::Reference, false, true));
        assert!(!planned(Device::Reference, true, true));
        assert!(!planned(Device::Reference, false, false));
        assert!(!planned(Device::Cpu, false, true));
    }

    /// On a GPU it has the bits of the two.
    #[cfg(feature = "cuda")]
    #[test]
    fn the_same_bits() {
        let Some(device) = crate::check::gpu() else { return };
        let [apart, fused] = [false, true].map(|gather| {
            let (params, mut program) = program(device.clone(), false, gather);
            let outputs = program.run(&params, &[Feed::U32(&[6, 2])]).unwrap();
            let values = [0, 1].map(|k| outputs.values(k).to_vec());
            values.concat().into_iter().map(f32::to_bits).collect::<Vec<_>>()
        });
        assert_eq!(apart, fused);
    }

    /// An index beyond the data set is refused as a gather does.
    #[cfg(feature = "cuda")]
    #[test]
    fn an_index_beyond_the_data_set() {
        let Some(device) = crate::check::gpu() else { return };
        let (params, mut program) = program(device, false, true);
        let run = || program.run(&params, &[Feed::U32(&[6, 7])]).map(|_| ());
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.contains("gather: index 7 in row 1, but the data set has 7 records"), "{text}");
    }
}
