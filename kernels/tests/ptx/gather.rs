//! Batches out of a data set.
use crate::{
    harness::{Buffers, Operand, Output, Ran, execute},
    same::assert_same,
};
use ferrotape_kernels::{
    Layout, Shape, ViewMut,
    cuda::{Launches, Refusal},
    gather::{Gather, Input, cuda, reference},
};

const RECORDS: usize = 7;

/// Seven records of bytes that walk through 0..256, labelled 9, 8, ...
struct Walk {
    bytes: Vec<u8>,
    labels: Vec<u8>,
}

impl Walk {
    fn new(s: &Gather) -> Self {
        let bytes = (0..RECORDS * s.record()).map(|i| (i * 37 + i / 256) as u8).collect();
        Self { bytes, labels: (0..RECORDS as u8).map(|i| 9 - i).collect() }
    }

    fn pixels(&self, s: &Gather, record: usize) -> &[u8] {
        &self.bytes[record * s.record()..][..s.record()]
    }

    /// What the launches make of `indices`: images, labels, refusal.
    fn gather(&self, s: &Gather, launches: &Launches, indices: &[u32]) -> (Vec<f32>, Vec<u32>, Refusal) {
        let (mut images, mut labels) = (vec![0.0; s.y().len()], vec![0; s.n]);
        let x = &[Operand::Data(&self.bytes, &self.labels), Operand::U32(indices)];
        let y = &mut [Output::F32(&mut images), Output::U32(&mut labels)];
        let Ran { refusal, .. } = execute(launches, Buffers { x, y, ..Buffers::default() });
        (images, labels, refusal)
    }

    /// What the definition makes of `indices`.
    fn expected(&self, s: &Gather, layout: Layout, indices: &[u32]) -> Vec<f32> {
        let mut images = vec![0.0; s.y().len()];
        let mut view = ViewMut::new(&mut images, &s.y(), layout);
        for (n, &index) in indices.iter().enumerate() {
            reference::record(s, self.pixels(s, index as usize), n, &mut view);
        }
        images
    }
}

/// Every input of every shape, in both orders.
#[test]
fn images_have_the_bits_of_the_reference() {
    let indices = [3, 0, 6, 6, 1];
    for shape in [[3, 4, 4], [3, 2, 9], [3, 5, 7], [3, 16, 17], [3, 1, 1], [1, 5, 7], [1, 28, 28], [1, 1, 1]]
    {
        for input in Input::ALL {
            for n in [0, 1, 5] {
                let (Ok(s), indices) = (Gather::new(input, shape, n), &indices[..n]) else { continue };
                let walk = Walk::new(&s);
                let expected_labels: Vec<u32> = indices.iter().map(|i| 9 - i).collect();
                for (launches, layout) in
                    [(cuda::batch(&s, RECORDS), Layout::Nhwc), (cuda::rows(&s, RECORDS), Layout::Rows)]
                {
                    let (images, labels, refusal) = walk.gather(&s, &launches, indices);
                    let what = format!("{n} of {} as {input} in {layout}", Shape::from(shape));
                    assert_same(&images, &walk.expected(&s, layout, indices), &what);
                    assert_eq!(labels, expected_labels, "{what}");
                    assert_eq!(refusal, Refusal::default(), "{what}");
                }
            }
        }
    }
}

/// One of the indices beyond the data is reported, with its row; rows of such show record 0.
#[test]
fn an_index_beyond_the_data_is_refused() {
    let indices = [6, 7, 2, u32::MAX];
    for input in [Input::Rgb, Input::Gray] {
        let s = Gather::new(input, [3, 9, 11], indices.len()).unwrap();
        let walk = Walk::new(&s);
        for (launches, layout) in
            [(cuda::batch(&s, RECORDS), Layout::Nhwc), (cuda::rows(&s, RECORDS), Layout::Rows)]
        {
            let (images, labels, refusal) = walk.gather(&s, &launches, &indices);
            assert_same(&images, &walk.expected(&s, layout, &[6, 0, 2, 0]), "record 0 instead");
            assert_eq!(labels, [3, 9, 7, 9]);
            let possible = [1, 3].map(|row| Refusal { what: 1, row, found: indices[row as usize], below: 7 });
            assert!(possible.contains(&refusal), "{refusal:?}");
        }
    }
}
