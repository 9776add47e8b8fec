//! Activation functions, one number at a time: relu, leaky relu, sigmoid, tanh.
//!
//! | function | y | gradient dx | from |
//! |---|---|---|---|
//! | relu | max(x, 0) | dy where y > 0, else 0: relu'(0) = 0 | y |
//! | leaky relu | x where x > 0, else slope · x | dy where x > 0, else slope · dy | x |
//! | sigmoid | 1 / (1 + e^-x) | dy · y (1 - y) | y |
//! | tanh | (e^2x - 1) / (e^2x + 1) | dy · (1 - y²) | y |
//!
//! Shapes and layouts do not matter, as long as all operands have the same: the kernels see flat slices.
pub mod cpu;
pub mod reference;
