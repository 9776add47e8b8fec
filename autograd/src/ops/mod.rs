//! The operations, one a file: definition, gradient rule, gradient operations, methods, card.
//!
//! The list below is the registry. Adding an operation is one line here; checks, parity tests, benches and the
//! operation table follow from it.
use crate::card::Card;

/// Declares each operation's module, re-exports its types, and lists its card.
macro_rules! registry {
    ($($module:ident: $($ty:ident),+;)*) => {
        $(
            mod $module;
            pub use $module::{$($ty),+};
        )*

        /// The card of every operation, in the order of this list.
        pub const CARDS: &[Card] = &[$($module::CARD),*];
    };
}

registry! {
    add: Add, ChannelSum;
    conv2d: Conv2d, Conv2dDgrad, Conv2dWgrad;
    fill: Fill;
    relayout: Relayout;
}
