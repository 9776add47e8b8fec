//! The kernels that only copy, or write several outputs or in place: each output lies between guard bands, which
//! survive, and starts as NaN, of which nothing is left. (The other kernels' tests do the same, by `on_every_isa`.)
mod support;

use ferrotape_kernels::{
    Cpu, Layout, Shape,
    gather::{self, Gather, Input},
    layout::{self, Relayout},
    max_pool2d::{self, MaxPool2d},
    optim::{self, Adam, Sgd},
    reduce,
};
use support::{Random, contexts, guarded, on_every_isa};

/// Calls `f` with every context.
fn each(f: impl Fn(&Cpu)) {
    contexts().flat_map(|(_, cpus)| cpus).for_each(|cpu| f(&cpu));
}

/// `y` between guard bands, changed by `write`.
fn guarded_in_place(y: &[f32], write: impl FnOnce(&mut [f32])) -> Vec<f32> {
    guarded(y.len(), |inside| {
        inside.copy_from_slice(y);
        write(inside);
    })
}

/// Sizes around the vectors, the chunks and the threshold of threads.
const LENGTHS: [usize; 7] = [1, 15, 16, 17, 1000, 16_385, 70_001];

#[test]
fn changes_of_layout() {
    let mut random = Random::new(21);
    for shape in [[1, 1, 1, 1], [2, 3, 5, 7], [50, 8, 13, 13], [7, 33, 4, 9]].map(Shape::from) {
        let x = random.numbers(shape.len());
        let layouts = [Layout::Rows, Layout::Nhwc, Layout::Hwio];
        for (from, to) in layouts.iter().flat_map(|&from| layouts.map(|to| (from, to))) {
            let s = Relayout::new(&shape, from, to).unwrap();
            let mut expected = vec![0.0; x.len()];
            layout::reference::relayout(&s, &x, &mut expected);
            for (isa, y) in on_every_isa(x.len(), |cpu, y| layout::cpu::relayout(&s, &x, y, cpu)) {
                assert_eq!(y, expected, "{isa}: {shape} from {from} to {to}");
            }
        }
    }
}

/// The two orders of a gathered batch hold the same numbers.
#[test]
fn gathered_rows() {
    let mut random = Random::new(22);
    for (input, [c, h, w], n) in [(Input::Rgb, [3, 32, 32], 50), (Input::Gray, [3, 5, 7], 3)] {
        let s = Gather::new(input, [c, h, w], n).unwrap();
        let bytes: Vec<u8> = (0..n * s.record()).map(|_| random.word() as u8).collect();
        let record = |n: usize| &bytes[n * s.record()..][..s.record()];
        let len = s.y().len();
        let images = on_every_isa(len, |cpu, y| gather::cpu::batch(&s, record, y, cpu));
        let rows = on_every_isa(len, |cpu, y| gather::cpu::rows(&s, record, y, cpu));
        for ((isa, images), (_, rows)) in images.iter().zip(rows) {
            let flattened = Relayout::new(&s.y(), Layout::Nhwc, Layout::Rows).unwrap();
            let mut expected = vec![f32::NAN; len];
            layout::reference::relayout(&flattened, images, &mut expected);
            assert_eq!(rows, expected, "{isa}: {input}");
        }
    }
}

/// Winners are integers, so they bring guard bands of their own.
#[test]
fn winners_of_a_pool() {
    const GUARD: usize = 64;
    let mut random = Random::new(23);
    for (shape, kernel) in [([50, 8, 26, 26], 2), ([3, 33, 7, 5], 3), ([1, 1, 2, 2], 1)] {
        let s = MaxPool2d::new(&Shape::from(shape), kernel, 2).unwrap();
        let (x, len) = (random.numbers(s.x().len()), s.y().len());
        each(|cpu| {
            let mut all = vec![u32::MAX; len + 2 * GUARD];
            let winner = &mut all[GUARD..][..len];
            let y = guarded(len, |y| max_pool2d::cpu::forward(&s, &x, y, winner, cpu));
            let inside = |i: usize| (GUARD..GUARD + len).contains(&i);
            assert!(all.iter().enumerate().all(|(i, &w)| inside(i) == (w != u32::MAX)), "{s:?}");
            assert!(y.iter().all(|y| y.is_finite()));
        });
    }
}

/// Updates change parameters and averages, nothing beside them.
#[test]
fn updates_in_place() {
    let (sgd, adam) = (Sgd { momentum: 0.9, weight_decay: 0.01 }, Adam::default());
    let mut random = Random::new(24);
    for len in LENGTHS {
        let [p, g, m] = [(); 3].map(|()| random.numbers(len));
        let v: Vec<f32> = m.iter().map(|m| m * m).collect();
        each(|cpu| {
            let [mut buf, mut first, mut second] = [vec![], vec![], vec![]];
            let q = guarded_in_place(&p, |p| {
                buf = guarded_in_place(&m, |buf| optim::cpu::sgd(&sgd, p, &g, buf, 0.1, cpu));
            });
            let r = guarded_in_place(&p, |p| {
                first = guarded_in_place(&m, |m| {
                    second = guarded_in_place(&v, |v| optim::cpu::adam(&adam, p, &g, [m, v], 3, 0.1, cpu));
                });
            });
            let all = [q, r, buf, first, second];
            assert!(all.iter().flatten().all(|x| x.is_finite()), "{len} parameters on {}", cpu.isa());
        });
    }
}

/// A sum into one place, and scratch that holds NaN before it is written.
#[test]
fn sums() {
    let mut random = Random::new(25);
    for len in LENGTHS {
        let x = random.numbers(len);
        let sums = |cpu: &Cpu, y: &mut [f32]| {
            y.copy_from_slice(&[reduce::cpu::mean(&x, cpu), reduce::cpu::l2_norm(&x, cpu)]);
        };
        for (isa, y) in on_every_isa(2, sums) {
            assert!(y.iter().all(|y| y.is_finite()), "{isa}, length {len}");
        }
    }
}
