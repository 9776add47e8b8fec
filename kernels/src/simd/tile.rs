//! Register tiles: the innermost loops of convolution and matrix product.
