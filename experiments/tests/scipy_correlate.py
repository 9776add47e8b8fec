#!/usr/bin/env python3
"""Checks part 2's out.npy against scipy.signal.correlate(mode="valid"), an implementation that shares no code with ours.

    scipy_correlate.py SAMPLES.npy KERNEL.npy OUT.npy [SAMPLES.npy KERNEL.npy OUT.npy ...]

Every number may be off by 1e-12 of the sum of magnitudes it is made of: sum |x w|, so that cancellation hides nothing.
Exit status: 0 all agree, 1 not, 77 skipped: no NumPy or no SciPy here.
"""
import sys

try:
    import numpy as np
    from scipy.signal import correlate
except ImportError as error:
    print(f"{error} (pip install scipy)")
    sys.exit(77)

TOLERANCE = 1e-12


def cross_correlation(x, w):
    """(N, C, H, W) with (O, C, kh, kw) -> (N, O, H - kh + 1, W - kw + 1)"""
    planes = lambda image, kernel: sum(correlate(a, b, mode="valid", method="direct") for a, b in zip(image, kernel))
    return np.array([[planes(image, kernel) for kernel in w] for image in x])


def check(samples, kernel, out):
    x, w, found = np.load(samples).astype(np.float64), np.load(kernel).astype(np.float64), np.load(out)
    expected = cross_correlation(x, w)
    if (found.shape, found.dtype) != (expected.shape, np.float64):
        print(f"{out}: {found.shape} of {found.dtype}, expected {expected.shape} of float64")
        return False
    magnitude = cross_correlation(abs(x), abs(w))
    off = abs(found - expected)
    share = np.divide(off, magnitude, out=np.where(off == 0, 0.0, np.inf), where=magnitude > 0)
    right = bool((share <= TOLERANCE).all())
    print(f"{samples}: {found.shape}, off by {share.max():.1e} relative: {'ok' if right else 'WRONG'}")
    return right


def main(files):
    if not files or len(files) % 3:
        print(__doc__)
        return 1
    triples = [files[i : i + 3] for i in range(0, len(files), 3)]
    return 0 if all([check(*triple) for triple in triples]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
