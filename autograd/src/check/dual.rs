//! The exact check: one replay in dual numbers gives the directional derivative and the gradient at once.
use super::{Comparison, DUAL_TOLERANCE, Recorded};
use crate::{Dual, Replay};

/// `⟨v, J u⟩` from the tangent of y against `⟨Jᵀ v, u⟩` from the recorded gradient.
pub(super) fn check(recorded: &Recorded<'_>, u: &[Vec<f64>]) -> Comparison {
    let mut replay: Replay<Dual> = recorded.tape.replay(&recorded.keep());
    for ((x, _), u) in recorded.x.iter().zip(u) {
        super::displace(&mut replay, *x, |value, k| Dual::new(value.re, u[k]));
    }
    replay.run(&[]).expect("a checked tape has no feeds");
    let products = || replay.values(recorded.y.id()).into_iter().zip(&recorded.v).map(|(y, v)| y.eps * v);
    let reverse = recorded.reverse(&replay, u);
    let scale: f64 = products().map(f64::abs).sum();
    Comparison { forward: products().sum(), reverse, tolerance: DUAL_TOLERANCE * scale }
}
