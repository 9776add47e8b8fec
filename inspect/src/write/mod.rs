//! Writers: each reads the model and nothing else.
mod bars;
mod dot;
mod numbers;
mod page;
mod text;
mod trace;

pub use dot::dot;
pub use page::page;
pub use text::text;
pub use trace::trace;
