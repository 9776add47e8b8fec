//! The definition of the elementwise operations. Operands of one call have the same shape and the same layout, so
//! that places in memory correspond.
use super::Channels;
use crate::{Scalar, indices};

/// `y[i] = a[i] + b[i]`
pub fn add<S: Scalar>(a: &[S], b: &[S], y: &mut [S]) {
    zip(a, b, y, |a, b| a + b);
}

/// `y[i] = a[i] - b[i]`
pub fn sub<S: Scalar>(a: &[S], b: &[S], y: &mut [S]) {
    zip(a, b, y, |a, b| a - b);
}

/// `y[i] = a[i] · b[i]`
pub fn mul<S: Scalar>(a: &[S], b: &[S], y: &mut [S]) {
    zip(a, b, y, |a, b| a * b);
}

/// `y[i] = factor · x[i]`
pub fn scale<S: Scalar>(factor: f64, x: &[S], y: &mut [S]) {
    let factor = S::from_f64(factor);
    map(x, y, |x| factor * x);
}

/// `y[i] = -x[i]`
pub fn neg<S: Scalar>(x: &[S], y: &mut [S]) {
    map(x, y, |x| -x);
}

/// `y[n,c,…] = x[n,c,…] + b[c]`
pub fn add_channels<S: Scalar>(s: &Channels, x: &[S], b: &[S], y: &mut [S]) {
    for [o, ch, i] in indices([s.outer, s.c, s.inner]) {
        let at = s.at(o, ch, i);
        y[at] = x[at] + b[ch];
    }
}

fn map<S: Scalar>(x: &[S], y: &mut [S], f: impl Fn(S) -> S) {
    assert_eq!(x.len(), y.len());
    for (y, &x) in y.iter_mut().zip(x) {
        *y = f(x);
    }
}

fn zip<S: Scalar>(a: &[S], b: &[S], y: &mut [S], f: impl Fn(S, S) -> S) {
    assert_eq!([a.len(), b.len()], [y.len(); 2]);
    for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
        *y = f(a, b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic() {
        let (a, b, mut y) = ([1.0, -2.0, 0.5], [4.0, 3.0, -2.0], [f64::NAN; 3]);
        add(&a, &b, &mut y);
        assert_eq!(y, [5.0, 1.0, -1.5]);
        sub(&a, &b, &mut y);
        assert_eq!(y, [-3.0, -5.0, 2.5]);
        mul(&a, &b, &mut y);
        assert_eq!(y, [4.0, -6.0, -1.0]);
        scale(-3.0, &a, &mut y);
        assert_eq!(y, [-3.0, 6.0, -1.5]);
        neg(&a, &mut y);
        assert_eq!(y, [-1.0, 2.0, -0.5]);
    }

    /// A 1x2x1x2 image: channels side by side in rows, interleaved in nhwc.
    #[test]
    fn channels() {
        let (x, b, mut y) = ([1.0, 2.0, 3.0, 4.0], [10.0, 20.0], [0.0; 4]);
        add_channels(&Channels { n: 1, outer: 1, c: 2, inner: 2 }, &x, &b, &mut y);
        assert_eq!(y, [11.0, 12.0, 23.0, 24.0]);
        add_channels(&Channels { n: 2, outer: 2, c: 2, inner: 1 }, &x, &b, &mut y);
        assert_eq!(y, [11.0, 22.0, 13.0, 24.0]);
    }
}
