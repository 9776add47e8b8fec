//! A convolution of records of a data set: the bits of a gather and a convolution one after the other.
use crate::{
    harness::{Buffers, Operand, Output, Ran, execute, run},
    same::assert_same,
    support::Random,
};
use ferrotape_kernels::{
    activation::Activation,
    conv2d::{Conv2d, Epilogue, cuda},
    cuda::Refusal,
    gather::{self, Gather, Input},
    max_pool2d::MaxPool2d,
};

const RECORDS: usize = 7;

struct Case {
    g: Gather,
    s: Conv2d,
    epilogue: Epilogue,
}

/// Outputs of launches, and what they leave besides.
struct Found {
    y: Vec<f32>,
    labels: Vec<u32>,
    refusal: Refusal,
    launches: usize,
    conflicts: u64,
}

impl Case {
    /// Records (c, h, w) as `input` says, kernels k x k of `co` channels.
    fn new(
        input: Input,
        [n, c, h, w]: [usize; 4],
        [co, k]: [usize; 2],
        stride: usize,
        padding: usize,
    ) -> Self {
        let g = Gather::new(input, [c, h, w], n).unwrap();
        let s = Conv2d { n, ci: g.channels(), h, w, co, kh: k, kw: k, stride, padding };
        Self { g, s, epilogue: Epilogue { activation: Some(Activation::Relu), pool: None } }
    }

    fn pooled(mut self) -> Self {
        self.epilogue.pool = MaxPool2d::new(&self.s.y(), 2, 2).ok();
        self
    }

    /// What one operation makes of `indices`, and what the two make of those that are there.
    fn run(&self, indices: &[u32]) -> (Found, Vec<f32>, Vec<u32>) {
        let Self { g, s, epilogue } = self;
        let mut random = Random::new(s.flops() as u32);
        let [w, b] = [s.weight().len(), s.co].map(|len| random.numbers(len));
        let (w, b) = (Operand::Parameter(&w), Operand::Parameter(&b));
        let bytes: Vec<u8> = (0..RECORDS * g.record()).map(|_| random.word() as u8).collect();
        let data = Operand::Data(&bytes, &[9, 8, 7, 6, 5, 4, 3]);

        let (mut images, mut expected_labels) = (vec![0.0; s.x().len()], vec![0; s.n]);
        let there: Vec<u32> = indices.iter().map(|&i| if i < RECORDS as u32 { i } else { 0 }).collect();
        let outputs = &mut [Output::F32(&mut images), Output::U32(&mut expected_labels)];
        run(&gather::cuda::batch(g, RECORDS), &[data, Operand::U32(&there)], outputs);
        let len = epilogue.len(s);
        let (mut y, mut expected, mut labels) = (vec![0.0; len], vec![0.0; len], vec![0; s.n]);
        let block = cuda::block(s, epilogue, false);
        run(&block, &[Operand::F32(&images), w, b], &mut [Output::F32(&mut expected)]);

        let launches = cuda::gathered(g, RECORDS, s, epilogue);
        let x = &[data, Operand::U32(indices), w, b];
        let outputs = &mut [Output::F32(&mut y), Output::U32(&mut labels)];
        let Ran { counters, refusal, .. } =
            execute(&launches, Buffers { x, y: outputs, ..Buffers::default() });
        let conflicts = counters.iter().map(|counters| counters.bank_conflicts()).sum();
        (Found { y, labels, refusal, launches: counters.len(), conflicts }, expected, expected_labels)
    }

    /// That both agree; launches and bank conflicts.
    #[track_caller]
    fn check(&self) -> (usize, u64) {
        let what = format!("{:?}, {:?}", self.g, self.s);
        let (found, expected, labels) =
            self.run(&(0..self.s.n as u32).map(|n| n * 3 % RECORDS as u32).collect::<Vec<_>>());
        assert_same(&found.y, &expected, &what);
        assert_eq!(found.labels, labels, "{what}");
        assert_eq!(found.refusal, Refusal::default(), "{what}");
        (found.launches, found.conflicts)
    }
}

/// The first layers of tables A and B.
#[test]
fn first_layers_of_the_networks() {
    for (image, layer) in
        [([3, 32, 32], [16, 3]), ([3, 32, 32], [8, 3]), ([1, 28, 28], [16, 3]), ([1, 28, 28], [8, 5])]
    {
        let [c, h, w] = image;
        for n in [1, 2, 5] {
            let case = Case::new(Input::Signed, [n, c, h, w], layer, 1, 0);
            assert_eq!(case.check(), (1, 0), "launches and bank conflicts of {:?}", case.s);
        }
        for n in [50, 500, 5000] {
            let Case { g, s, epilogue } = Case::new(Input::Signed, [n, c, h, w], layer, 1, 0);
            assert_eq!(cuda::gathered(&g, RECORDS, &s, &epilogue).list.len(), 1, "launches of {s:?}");
        }
    }
}

/// Every input that is made of single bytes; padding, whose numbers are 0, not what the byte 0 stands for; strides, tiles that end
/// beyond the image, several of them, windows.
#[test]
fn other_sizes() {
    for (x, w, stride, padding) in [
        ([5, 3, 4, 4], [8, 3], 1, 1),
        ([3, 3, 9, 70], [7, 2], 1, 1),
        ([2, 1, 70, 9], [10, 3], 2, 2),
        ([1, 1, 1, 1], [1, 1], 1, 0),
    ] {
        for input in [Input::Rgb, Input::Rgb01, Input::Raw255, Input::Signed] {
            if input != Input::Rgb || x[1] == 3 {
                assert_eq!(Case::new(input, x, w, stride, padding).check().0, 1, "launches");
            }
        }
    }
    Case::new(Input::Rgb, [5, 3, 10, 13], [8, 3], 1, 1).pooled().check();
    Case::new(Input::Rgb, [0, 3, 8, 8], [8, 3], 1, 0).check();
}

/// Large batches, for which a plane of the records is in shared memory at a time: each has its own scale and shift.
#[test]
fn plane_by_plane() {
    let case = Case::new(Input::Rgb, [500, 3, 32, 32], [8, 3], 1, 0);
    let launches = cuda::gathered(&case.g, RECORDS, &case.s, &case.epilogue);
    assert!(launches.list[0].text.ptx().contains("The next input channels."), "what this is a test of");
    assert_eq!(case.check(), (1, 0));
}

/// Brightness is made of three bytes, and some kernels need all of shared memory: a launch of its own makes the images.
#[test]
fn gathered_by_a_launch_of_its_own() {
    assert_eq!(Case::new(Input::Gray, [2, 3, 8, 9], [8, 3], 1, 0).check().0, 2);
    assert_eq!(Case::new(Input::Raw255, [1, 1, 41, 41], [1, 40], 1, 0).check().0, 2);
    assert_eq!(Case::new(Input::Gray, [1, 3, 41, 42], [1, 39], 1, 0).pooled().check().0, 3);
}

/// One of the indices beyond the data is reported, with its row; rows of such show record 0.
#[test]
fn an_index_beyond_the_data_is_refused() {
    let indices = [6, 7, 2, u32::MAX];
    let (found, expected, labels) = Case::new(Input::Rgb, [4, 3, 9, 40], [12, 3], 1, 0).run(&indices);
    assert_same(&found.y, &expected, "record 0 instead");
    assert_eq!(found.labels, labels);
    let possible = [1, 3].map(|row| Refusal { what: 1, row, found: indices[row as usize], below: 7 });
    assert!(possible.contains(&found.refusal), "{:?}", found.refusal);
    assert_eq!(found.launches, 1);
}
