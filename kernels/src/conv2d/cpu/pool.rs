//! Max-pooling of rows that are still in the cache: what `max_pool2d` gives, bit for bit.
use crate::max_pool2d::MaxPool2d;

/// Row `i` of the pooled output (ow, C), and of the winners unless that is empty, from the `kernel` rows (W, C) under
/// its windows.
#[inline(always)]
pub(super) fn row(s: &MaxPool2d, i: usize, rows: &[f32], y: &mut [f32], winner: &mut [u32]) {
    let mut winners = winner.chunks_exact_mut(s.c);
    for (j, y) in y.chunks_exact_mut(s.c).enumerate() {
        let (corner, place) = (j * s.stride, (i * s.w + j) * s.stride);
        let mut winner = winners.next();
        let mut first = 0;
        while first < s.c {
            let winner = winner.as_deref_mut().map(|winner| &mut winner[first..]);
            let at = (corner * s.c + first, place);
            first += match s.c - first {
                16.. => window::<16>(s, rows, at, &mut y[first..], winner),
                8.. => window::<8>(s, rows, at, &mut y[first..], winner),
                _ => window::<1>(s, rows, at, &mut y[first..], winner),
            };
        }
    }
}

/// One window in `L` channels, from `corner` in `rows` on, which is `place` in the plane. Gives `L`.
#[inline(always)]
fn window<const L: usize>(
    s: &MaxPool2d,
    rows: &[f32],
    (corner, place): (usize, usize),
    y: &mut [f32],
    winner: Option<&mut [u32]>,
) -> usize {
    let at = |p: usize, q: usize| -> &[f32; L] {
        rows[corner + (p * s.w + q) * s.c..].first_chunk().expect("a pixel")
    };
    let (mut max, mut places) = (*at(0, 0), [place as u32; L]);
    for p in 0..s.kernel {
        for q in 0..s.kernel {
            let (x, place) = (at(p, q), (place + p * s.w + q) as u32);
            for l in 0..L {
                let wins = (x[l] > max[l]) | (x[l].is_nan() & !max[l].is_nan());
                max[l] = if wins { x[l] } else { max[l] };
                places[l] = if wins { place } else { places[l] };
            }
        }
    }
    y[..L].copy_from_slice(&max);
    if let Some(winner) = winner {
        winner[..L].copy_from_slice(&places);
    }
    L
}
