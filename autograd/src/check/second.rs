//! Second order: the derivative of the gradient, `H u` of the scalar `⟨v, f⟩`.
//!
//! A gradient that is one has a symmetric Hessian, `⟨w, H u⟩ = ⟨u, H w⟩`, and differences of it give H u.
use super::{
    compare::{Comparison, Mode, What},
    dot,
    finite::{Slopes, moved},
    subject::Subject,
};

/// Both comparisons along direction `u`, with the other direction `w`. From dual numbers; where there are none, both sides of the
/// symmetry are differences, and there is nothing to compare them with.
pub(super) fn direction(
    subject: &mut dyn Subject,
    k: usize,
    v: &[f64],
    [u, w]: [&[f64]; 2],
    tolerance: f64,
) -> Vec<Comparison> {
    let x = subject.point();
    let what = What::Direction(k);
    let scale = |g: &[f64], w: &[f64]| g.iter().zip(w).map(|(g, w)| (g * w).abs()).sum::<f64>();
    let gradient = subject.vjp(&x, v);
    let mut slopes = |u: &[f64], w: &[f64]| {
        let scale = scale(&gradient, w);
        (Slopes::sweep(&mut |t| dot(&subject.vjp(&moved(&x, u, t), v), w), 1.0, scale), scale)
    };
    let ((along_u, size_u), (along_w, size_w)) = (slopes(u, w), slopes(w, u));
    let exact = subject.hvp(&x, v, u).zip(subject.hvp(&x, v, w));
    let Some((hu, hw)) = exact else {
        let mode = Mode::Symmetry;
        let other = along_w.against(mode, what, 0.0, size_w);
        let mut one = along_u.against(mode, what, along_w.central.slope, size_u);
        one.tolerance += other.tolerance;
        return vec![one];
    };
    let (forward, reverse) = (dot(w, &hu), dot(u, &hw));
    let tolerance = tolerance * (scale(&hu, w) + scale(&hw, u));
    vec![
        Comparison { mode: Mode::Symmetry, what, forward, reverse, tolerance, kink: None },
        along_u.against(Mode::SecondFinite, what, forward, size_u),
    ]
}
