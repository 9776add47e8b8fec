//! The definition of the update rules.
use super::{Adam, Sgd};
use crate::Scalar;

/// ```text
/// g   = g + weight_decay · p
/// buf = momentum · buf + g          (buf starts at 0)
/// p   = p - lr · buf
/// ```
pub fn sgd<S: Scalar>(s: &Sgd, p: &mut [S], g: &[S], buf: &mut [S], lr: f64) {
    assert_eq!((g.len(), buf.len()), (p.len(), p.len()));
    let [momentum, decay, lr] = [s.momentum, s.weight_decay, lr].map(S::from_f64);
    for ((p, &g), buf) in p.iter_mut().zip(g).zip(buf) {
        *buf = momentum * *buf + (g + decay * *p);
        *p = *p - lr * *buf;
    }
}

/// With `c_i = 1 - beta_i^step`, `step` counted from 1:
/// ```text
/// g = g + weight_decay · p
/// m = beta1 · m + (1 - beta1) · g      (m and v start at 0)
/// v = beta2 · v + (1 - beta2) · g²
/// p = p - (lr / c1) · m / (√v / √c2 + eps)
/// ```
pub fn adam<S: Scalar>(s: &Adam, p: &mut [S], g: &[S], [m, v]: [&mut [S]; 2], step: u64, lr: f64) {
    assert_eq!((g.len(), m.len(), v.len()), (p.len(), p.len(), p.len()));
    let [c1, c2] = s.corrections(step);
    let [b1, b2, rest1, rest2] = [s.beta1, s.beta2, 1.0 - s.beta1, 1.0 - s.beta2].map(S::from_f64);
    let [rate, root, eps, decay] = [lr / c1, c2.sqrt(), s.eps, s.weight_decay].map(S::from_f64);
    for (((p, &g), m), v) in p.iter_mut().zip(g).zip(m).zip(v) {
        let g = g + decay * *p;
        *m = b1 * *m + rest1 * g;
        *v = b2 * *v + rest2 * (g * g);
        *p = *p - rate * (*m / (v.sqrt() / root + eps));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_steps_of_sgd() {
        let rule = Sgd { momentum: 0.5, weight_decay: 0.25 };
        let (mut p, mut buf) = ([4.0], [0.0]);
        sgd(&rule, &mut p, &[1.0], &mut buf, 0.5);
        assert_eq!((p, buf), ([3.0], [2.0]), "g = 1 + 0.25·4");
        sgd(&rule, &mut p, &[0.25], &mut buf, 0.5);
        assert_eq!((p, buf), ([2.0], [2.0]), "g = 0.25 + 0.25·3, buf = 0.5·2 + 1");
    }

    #[test]
    fn plain_sgd() {
        let mut p = [1.0, 2.0];
        sgd(&Sgd::default(), &mut p, &[0.5, -1.0], &mut [0.0; 2], 0.5);
        assert_eq!(p, [0.75, 2.5]);
    }

    /// The first step has length lr, whatever the size of the gradient.
    #[test]
    fn first_step_of_adam() {
        let (mut p, mut m, mut v) = ([1.0, 1.0f64], [0.0; 2], [0.0; 2]);
        adam(&Adam::default(), &mut p, &[1e3, -1e-3], [&mut m, &mut v], 1, 0.125);
        assert!((p[0] - 0.875).abs() < 1e-9 && (p[1] - 1.125).abs() < 1e-5, "{p:?}");
    }

    /// Two steps by hand, with gradients 2 and 3 after the decay.
    #[test]
    fn two_steps_of_adam() {
        let rule = Adam { beta1: 0.5, beta2: 0.75, eps: 0.5, weight_decay: 1.0 };
        let (mut p, mut m, mut v) = ([1.0f64], [0.0], [0.0]);
        let by_hand = |p: f64, m: f64, v: f64, c1: f64, c2: f64| p - 0.5 / c1 * m / ((v / c2).sqrt() + 0.5);
        adam(&rule, &mut p, &[1.0], [&mut m, &mut v], 1, 0.5);
        assert_eq!((m, v), ([1.0], [1.0]), "g = 1 + 1·1");
        let first = by_hand(1.0, 1.0, 1.0, 0.5, 0.25);
        assert!((p[0] - first).abs() < 1e-15);
        adam(&rule, &mut p, &[3.0 - first], [&mut m, &mut v], 2, 0.5);
        assert!((m[0] - 2.0).abs() < 1e-15 && (v[0] - 3.0).abs() < 1e-15, "g = 3");
        assert!((p[0] - by_hand(first, 2.0, 3.0, 0.75, 0.4375)).abs() < 1e-15);
    }
}
