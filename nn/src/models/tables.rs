//! Tables A and B of the homework.
use super::{Layer, Layer::*, Network};

const fn conv(kernel: usize, channels: usize) -> Layer {
    Conv { kernel, channels }
}

const fn fc(units: usize) -> Layer {
    Fc { units, bias: true }
}

const fn fc_without_bias(units: usize) -> Layer {
    Fc { units, bias: false }
}

/// The networks of 2023 and 2025, for 32x32 images.
pub const TABLE_A: &[Network] = &[
    Network::new("mlp_1", &[fc(32), Act]),
    Network::new("mlp_2", &[fc(32), Act, fc_without_bias(64)]),
    Network::new("cnn_3", &[conv(3, 16), Act, conv(5, 8), Act, Pool, conv(7, 16), Pool]),
    Network::new(
        "cnn_4",
        &[conv(3, 16), Act, conv(3, 8), Act, conv(5, 16), Act, Pool, conv(5, 16), Act, Pool],
    ),
    Network::new(
        "cnn_5",
        &[
            conv(3, 8),
            Act,
            conv(3, 16),
            Act,
            conv(3, 8),
            Act,
            conv(3, 16),
            Act,
            Pool,
            conv(3, 16),
            Act,
            conv(3, 8),
            Act,
            Pool,
        ],
    ),
];

/// The networks of 2022, for 28x28 gray images.
pub const TABLE_B: &[Network] = &[
    Network::new("mlp_1", &[fc(64), Act]),
    Network::new("mlp_2", &[fc(16), Act, fc_without_bias(64)]),
    Network::new("cnn_3", &[conv(3, 16), Act, conv(7, 8), Act, Pool, conv(5, 16), Pool]),
    Network::new(
        "cnn_4",
        &[conv(3, 16), Act, conv(5, 8), Act, conv(3, 8), Act, Pool, conv(5, 16), Act, Pool],
    ),
    Network::new(
        "cnn_5",
        &[
            conv(3, 16),
            Act,
            conv(3, 8),
            Act,
            conv(3, 8),
            Act,
            conv(3, 8),
            Act,
            Pool,
            conv(3, 16),
            Act,
            conv(3, 16),
            Act,
            Pool,
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{Activation, Variant};
    use ferrotape_autograd::Params;

    fn counts(table: &[Network], variant: Variant) -> Vec<usize> {
        let count = |network: &Network| {
            let params = Params::default();
            network.build(&params, &variant);
            params.count()
        };
        table.iter().map(count).collect()
    }

    #[test]
    fn activations_are_found_among_the_modules() {
        for network in TABLE_A {
            let model = network.build(&Params::default(), &Variant::default());
            let found = network.activations();
            let expected = (0..model.len()).filter(|&k| model[k].describe() == "Relu");
            assert_eq!(found, expected.collect::<Vec<_>>(), "{}", network.name);
        }
    }

    /// The counts the homework states.
    #[test]
    fn parameter_counts() {
        let rgb = Variant::default();
        assert_eq!(counts(TABLE_A, rgb), [98_666, 101_034, 11_394, 13_810, 8_490]);
        let gray = Variant { image: [1, 32, 32], ..rgb };
        assert_eq!(counts(TABLE_A, gray), [33_130, 35_498, 11_106, 13_522, 8_346]);
        let fashion = Variant { image: [1, 28, 28], ..rgb };
        assert_eq!(counts(TABLE_B, fashion), [50_890, 14_234, 11_106, 8_618, 7_426]);
        let sigmoid = Variant { activation: Activation::Sigmoid, ..rgb };
        assert_eq!(counts(TABLE_A, sigmoid), counts(TABLE_A, rgb));
        let no_bias = Variant { prediction_bias: false, ..rgb };
        assert_eq!(counts(TABLE_A, no_bias), [98_656, 101_024, 11_384, 13_800, 8_480]);
    }
}
