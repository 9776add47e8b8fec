//! All operations under all checks, on all machines present; and the checks themselves under faults.
//!
//! A row is an operation card, a column a check: gradients by dual numbers and by finite differences, the whole Jacobian, second
//! order, and the kernels of every instruction set and device against their definition.
pub mod faults;
mod html;
mod matrix;
mod mutants;
mod text;

pub use html::page;
pub use matrix::{Cell, Column, Matrix, Row};
pub use mutants::{Handwritten, Spoilt, Survivor, faults_table};
pub use text::table;
