//! Gather: a batch out of a data set.
use crate::{
    ByImage, Cpu, DType, Io, Isa, Launches, Layout, Op, Scalar, Shape, ShapeError, Share, Source, Tape, Type,
    Var, ViewMut,
    card::{self, Card, Case, Family, Refusal},
};
use ferrotape_kernels::gather::{self, Input, cpu, reference};
use std::sync::Arc;

/// (data set, indices) -> (images, labels): `images[n] = normalise(pixels(indices[n]))`, `labels[n]` likewise.
///
/// - **Shapes**: a data set of (C, H, W), indices (N) u32; images (N, C, H, W), or (N, C · H · W) if flat; labels (N)
///   u32.
/// - **Gradient**: none: bytes are not differentiated.
/// - **Conventions**: indices may repeat. Bytes are read where the data set has them, at each run.
/// - **Errors**: an `input` that is not defined for the channels; when it runs, an index out of range.
///
/// ```
/// # use ferrotape_autograd::{Input, Params, Source, Tape};
/// # use std::sync::Arc;
/// # let params = Params::default();
/// # #[derive(Debug)] struct Dots;
/// # impl Source for Dots { fn len(&self) -> usize { 2 } fn shape(&self) -> [usize; 3] { [1, 1, 2] } fn classes(&self) -> usize { 2 }
/// # fn pixels(&self, record: usize) -> &[u8] { &[0, 255, 0][record..][..2] } fn label(&self, record: usize) -> u8 { record as u8 } }
/// let tape = Tape::inference(&params);
/// let dots: Arc<dyn Source> = Arc::new(Dots); // two images of two pixels: 0, 255 and 255, 0
/// let (x, labels) = tape.gather(tape.source(&dots), tape.input_u32(&[1, 1, 0]), Input::Rgb01);
/// assert_eq!(x.values(), [1., 0., 1., 0., 0., 1.]);
/// assert_eq!(labels.values_u32(), [1, 1, 0]);
/// ```
#[derive(Clone, Debug)]
pub struct Gather {
    /// How bytes become numbers.
    pub input: Input,
    /// Whether the images come out flattened, as rows (N, C·H·W): what the planner makes of a gather that only a
    /// `flatten` reads.
    pub flat: bool,
}

impl Gather {
    pub(super) fn spec(&self, source: &Type, indices: &Type) -> Result<gather::Gather, ShapeError> {
        let [_, c, h, w] = source.shape.dims().expect("a data set has rank 4");
        gather::Gather::new(self.input, [c, h, w], indices.len())
    }
}

/// The labels of the records at `indices`, which must all be there; the first is row `first` of the batch.
pub(super) fn labels(source: &dyn Source, indices: &[u32], first: usize, labels: &mut [u32]) {
    for (n, (&index, label)) in indices.iter().zip(labels).enumerate() {
        let (index, len) = (index as usize, source.len());
        assert!(
            index < len,
            "gather: index {index} in row {}, but the data set has {len} records",
            first + n
        );
        *label = u32::from(source.label(index));
    }
}

impl Op for Gather {
    fn name(&self) -> &'static str {
        "gather"
    }

    fn dtype(&self, i: usize) -> DType {
        [DType::U8, DType::U32][i]
    }

    fn infer(&self, x: &[Type]) -> Result<Vec<Type>, ShapeError> {
        let y = self.spec(&x[0], &x[1])?.y();
        let images = match self.flat {
            true => Type::real([y.dim(0), y.len() / y.dim(0).max(1)]),
            false => Type::real(y).in_layout(Layout::Nhwc),
        };
        Ok(vec![images, Type::u32(x[1].shape)])
    }

    fn reference<S: Scalar>(&self, io: &mut Io<'_, S>) {
        let spec = self.spec(io.ty(0), io.ty(1)).expect("inferred");
        let (source, indices) = (io.records(0), io.x_u32(1));
        let layout = if self.flat { Layout::Rows } else { Layout::Nhwc };
        let mut images = ViewMut::new(io.y(0), &spec.y(), layout);
        labels(source, indices, io.first_image, io.y_u32(1));
        for (n, &index) in indices.iter().enumerate() {
            reference::record(&spec, source.pixels(index as usize), n, &mut images);
        }
    }

    fn cpu(&self, io: &mut Io<'_, f32>, cpu: &Cpu) {
        let spec = self.spec(io.ty(0), io.ty(1)).expect("inferred");
        let (source, indices) = (io.records(0), io.x_u32(1));
        labels(source, indices, io.first_image, io.y_u32(1));
        let record = |n: usize| source.pixels(indices[n] as usize);
        match self.flat {
            true => cpu::rows(&spec, record, io.y(0), cpu),
            false => cpu::batch(&spec, record, io.y(0), cpu),
        }
    }
    fn cuda(&self, x: &[Type], _: &[Type]) -> Option<Launches> {
        let (spec, records) = (self.spec(&x[0], &x[1]).expect("inferred"), x[0].shape.dim(0));
        Some(if self.flat { gather::cuda::rows(&spec, records) } else { gather::cuda::batch(&spec, records) })
    }

    fn by_image(&self, _: &[Type]) -> Option<ByImage> {
        Some(ByImage { x: &[Share::Whole, Share::Each], y: &[Share::Each; 2] })
    }

    fn variant(&self, _: &[Type], isa: Isa) -> &'static str {
        isa.name()
    }

    /// Of the data set only the records of the batch.
    fn bytes(&self, x: &[Type], y: &[Type]) -> u64 {
        let records = self.spec(&x[0], &x[1]).map_or(0, |s| (s.n * s.record()) as u64);
        records + x[1..].iter().chain(y).map(Type::bytes).sum::<u64>()
    }

    /// Scale and shift of each byte; the luma of a pixel is three multiply-adds more.
    fn flops(&self, x: &[Type], _: &[Type]) -> u64 {
        let a_byte = if self.input == Input::Gray { 4 } else { 2 };
        self.spec(&x[0], &x[1]).map_or(0, |s| a_byte * (s.n * s.record()) as u64)
    }
}

impl<'p> Tape<'p> {
    /// The records `indices` (N) of a data set ([`Tape::source`]) as images (N, C, H, W), normalised as `input` says,
    /// and their labels (N). The bytes are read in place, at each run; no gradient flows into them.
    ///
    /// # Panics
    /// If `input` is not defined for the channels of the data set; when it runs, if an index is out of range.
    ///
    /// ```
    /// # use ferrotape_autograd::{Input, Params, Source, Tape};
    /// # use std::sync::Arc;
    /// #[derive(Debug)]
    /// struct Dots; // two images of 1x2 pixels: 0, 255 and 255, 0
    /// impl Source for Dots {
    ///     fn len(&self) -> usize { 2 }
    ///     fn shape(&self) -> [usize; 3] { [1, 1, 2] }
    ///     fn classes(&self) -> usize { 2 }
    ///     fn pixels(&self, record: usize) -> &[u8] { &[0, 255, 0][record..][..2] }
    ///     fn label(&self, record: usize) -> u8 { record as u8 }
    /// }
    /// # let params = Params::default();
    /// let tape = Tape::inference(&params);
    /// let dots: Arc<dyn Source> = Arc::new(Dots);
    /// let (images, labels) = tape.gather(tape.source(&dots), tape.input_u32(&[1, 0]), Input::Signed);
    /// assert_eq!(images.values(), [1., -1., -1., 1.]);
    /// assert_eq!(labels.values_u32(), [1, 0]);
    /// ```
    #[track_caller]
    pub fn gather<'t>(&'t self, source: Var<'t>, indices: Var<'t>, input: Input) -> (Var<'t>, Var<'t>) {
        let y = self.apply_all(Gather { input, flat: false }, &[source, indices]);
        (y[0], y[1])
    }

    /// A batch of `n` images and labels, whose indices come with each run: what a recorded step starts with.
    ///
    /// # Panics
    /// If `input` is not defined for the channels of the data set; on a tape that runs at once.
    ///
    /// ```
    /// # use ferrotape_autograd::{Feed, Input, Params, Source, Tape};
    /// # use std::sync::Arc;
    /// # #[derive(Debug)] struct Dots;
    /// # impl Source for Dots { fn len(&self) -> usize { 2 } fn shape(&self) -> [usize; 3] { [1, 1, 2] } fn classes(&self) -> usize { 2 }
    /// # fn pixels(&self, record: usize) -> &[u8] { &[0, 255, 0][record..][..2] } fn label(&self, record: usize) -> u8 { record as u8 } }
    /// # let params = Params::default();
    /// let tape = Tape::recording_inference(&params);
    /// let dots: Arc<dyn Source> = Arc::new(Dots); // two images of two pixels: 0, 255 and 255, 0
    /// let (images, _) = tape.batch(&dots, Input::Rgb01, 1);
    /// let mut program = tape.compile(&[images]);
    /// assert_eq!(program.run(&params, &[Feed::U32(&[1])])?.values(0), [1., 0.]);
    /// assert_eq!(program.run(&params, &[Feed::U32(&[0])])?.values(0), [0., 1.]);
    /// # Ok::<(), ferrotape_autograd::Error>(())
    /// ```
    #[track_caller]
    pub fn batch(&self, source: &Arc<dyn Source>, input: Input, n: usize) -> (Var<'_>, Var<'_>) {
        self.gather(self.source(source), self.feed_u32(n), input)
    }
}

/// Seven records of bytes that walk through 0..256: what the card gathers from.
#[derive(Debug)]
struct Walk {
    shape: [usize; 3],
    bytes: Vec<u8>,
}

impl Source for Walk {
    fn len(&self) -> usize {
        7
    }

    fn shape(&self) -> [usize; 3] {
        self.shape
    }

    fn classes(&self) -> usize {
        10
    }

    fn pixels(&self, record: usize) -> &[u8] {
        let size = Shape::from(self.shape).len();
        &self.bytes[record * size..][..size]
    }

    fn label(&self, record: usize) -> u8 {
        record as u8
    }
}

pub(super) fn walk<'t>(tape: &'t Tape<'t>, shape: [usize; 3]) -> Var<'t> {
    let bytes = (0..7 * Shape::from(shape).len()).map(|i| (i * 37) as u8).collect();
    let source: Arc<dyn Source> = Arc::new(Walk { shape, bytes });
    tape.source(&source)
}

fn flat<'t>(tape: &'t Tape<'t>, shape: [usize; 3], indices: Var<'t>, input: Input) -> Var<'t> {
    tape.apply_all(Gather { input, flat: true }, &[walk(tape, shape), indices])[0]
}

/// The operation card.
pub(crate) const CARD: Card = Card {
    name: "gather",
    equation: "y[n,c,i,j] = scale[c] byte[index[n],c,i,j] + shift[c]; labels[n] = label(index[n]); no gradient",
    cases: || {
        let case = |family: Family, n: usize, body: card::Body| {
            Case::new(family, vec![card::Input::integers(n, 7)], body).no_gradient()
        };
        vec![
            case(Family::Plain, 5, |t, x| t.gather(walk(t, [3, 4, 4]), x[0], Input::Rgb).0),
            case(Family::Plain, 5, |t, x| t.gather(walk(t, [3, 4, 4]), x[0], Input::Rgb01).0),
            case(Family::Plain, 5, |t, x| t.gather(walk(t, [3, 4, 4]), x[0], Input::Gray).0),
            case(Family::Plain, 5, |t, x| t.gather(walk(t, [3, 4, 4]), x[0], Input::Raw255).0),
            case(Family::Plain, 5, |t, x| t.gather(walk(t, [3, 4, 4]), x[0], Input::Signed).0),
            case(Family::OneElement, 1, |t, x| t.gather(walk(t, [1, 1, 1]), x[0], Input::Signed).0),
            case(Family::Batch1, 1, |t, x| t.gather(walk(t, [3, 5, 5]), x[0], Input::Rgb).0),
            case(Family::NonSquare, 3, |t, x| t.gather(walk(t, [3, 2, 9]), x[0], Input::Rgb).0),
            case(Family::OddSizes, 7, |t, x| t.gather(walk(t, [1, 5, 7]), x[0], Input::Rgb01).0),
            case(Family::Plain, 5, |t, x| flat(t, [3, 5, 7], x[0], Input::Rgb)),
            case(Family::Plain, 5, |t, x| flat(t, [3, 5, 7], x[0], Input::Gray)),
            case(Family::Plain, 5, |t, x| flat(t, [1, 5, 7], x[0], Input::Signed)),
            case(Family::Plain, 5, |t, x| t.gather(walk(t, [3, 5, 7]), x[0], Input::Rgb).0.flatten()),
        ]
    },
    refusals: || {
        vec![
            Refusal::new(&[], |t, _| t.gather(walk(t, [1, 4, 4]), t.feed_u32(5), Input::Rgb).0),
            Refusal::new(&[], |t, _| t.gather(walk(t, [1, 4, 4]), t.feed_u32(5), Input::Gray).0),
            Refusal::new(&[], |t, _| t.gather(walk(t, [4, 4, 4]), t.feed_u32(5), Input::Raw255).0),
            Refusal::new(&[&[5, 3, 4, 4]], |t, x| t.gather(x[0], t.feed_u32(5), Input::Rgb).0),
            Refusal::new(&[&[5]], |t, x| t.gather(walk(t, [3, 4, 4]), x[0], Input::Rgb).0),
        ]
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Params;

    #[test]
    #[should_panic(expected = "gather: index 7 in row 1, but the data set has 7 records")]
    fn index_out_of_range() {
        let params = Params::default();
        let tape = Tape::inference(&params);
        tape.gather(walk(&tape, [1, 2, 2]), tape.input_u32(&[6, 7]), Input::Signed);
    }

    /// The data set is read in place: its size is not part of the cost.
    #[test]
    fn cost_counts_the_batch_alone() {
        let x = [Type { dtype: DType::U8, ..Type::real([1000, 3, 2, 2]) }, Type::u32([5])];
        let op = Gather { input: Input::Rgb, flat: false };
        let y = op.infer(&x).unwrap();
        assert_eq!(op.bytes(&x, &y), 5 * 12 + 5 * 4 + 5 * 48 + 5 * 4);
    }

    /// The planner folds a `flatten` into its gather; images that are kept stay images.
    #[test]
    fn a_flatten_is_folded_into_its_gather_only() {
        let params = Params::default();
        let names = |keep_images: bool| {
            let tape = Tape::recording(&params);
            let (images, _) = tape.gather(walk(&tape, [3, 2, 2]), tape.feed_u32(2), Input::Rgb);
            let rows = images.flatten();
            let keep = if keep_images { vec![rows, images] } else { vec![rows] };
            let program = tape.compile(&keep);
            program.code().instructions().iter().map(|i| i.name()).collect::<Vec<_>>()
        };
        assert_eq!(names(false), ["gather"]);
        assert_eq!(names(true), ["gather", "flatten"]);
    }
}
