//! (c) How many parameters a network has, by formula and by counting those of the network built.
//!
//! | | parameters |
//! |---|---|
//! | MLP | `D_in H_1 + H_1 + Σ_{k≥2} (H_{k-1} H_k + H_k) + H_K D_out + D_out` |
//! | CNN | `Σ_k (H_k W_k C_{k-1} C_k + C_k)`, `C_0 = C_in`, and `F D_out + D_out` for F flattened features |
//!
//! A layer without bias lacks the term that is alone. What published reports of this homework print instead does not
//! give the counts of their networks.
use crate::results::part1::ParameterCount;
use ferrotape_autograd::{Input, Params};
use ferrotape_nn::models::{Layer, Network, TABLE_A, TABLE_B, Variant};

/// The tables with the images they are for.
const TABLES: [(&str, &[Network], [usize; 3]); 2] =
    [("A", TABLE_A, [3, 32, 32]), ("B", TABLE_B, [1, 28, 28])];

/// Counts the parameters of every network for every input its images allow, with and without prediction bias.
pub fn count() -> Vec<ParameterCount> {
    let mut counts = Vec::new();
    for (table, networks, [stored, h, w]) in TABLES {
        for channels in [3, 1] {
            // Inputs of as many channels give one and the same network.
            let inputs: Vec<Input> =
                Input::ALL.into_iter().filter(|input| input.channels(stored) == Ok(channels)).collect();
            if inputs.is_empty() {
                continue;
            }
            for (network, prediction_bias) in networks.iter().flat_map(|n| [(n, true), (n, false)]) {
                let variant = Variant { image: [channels, h, w], prediction_bias, ..Variant::default() };
                let params = Params::default();
                network.build(&params, &variant);
                let (formula, built) = (formula(network, &variant), params.count());
                counts.extend(inputs.iter().map(|input| ParameterCount {
                    table: table.into(),
                    network: network.name.into(),
                    input: input.to_string(),
                    image: variant.image,
                    prediction_bias,
                    formula,
                    built,
                }));
            }
        }
    }
    counts
}

/// The formulas above, layer by layer.
fn formula(network: &Network, variant: &Variant) -> usize {
    let [mut channels, mut h, mut w] = variant.image;
    let mut sum = 0;
    // Units of the layer before, once there is a fully connected one.
    let mut units = None;
    for layer in network.layers.iter() {
        match *layer {
            Layer::Conv { kernel, channels: filters } => {
                sum += kernel * kernel * channels * filters + filters;
                (channels, h, w) = (filters, h + 1 - kernel, w + 1 - kernel);
            }
            Layer::Pool => (h, w) = (h / 2, w / 2),
            Layer::Fc { units: next, bias } => {
                sum += units.unwrap_or(channels * h * w) * next + if bias { next } else { 0 };
                units = Some(next);
            }
            Layer::Act | Layer::Dropout(_) => {}
        }
    }
    let outputs = variant.classes;
    sum + units.unwrap_or(channels * h * w) * outputs + if variant.prediction_bias { outputs } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formula_and_networks_agree() {
        let counts = count();
        // Five inputs for RGB images, three for gray ones; five networks; with and without bias.
        assert_eq!(counts.len(), (5 + 3) * 5 * 2);
        for c in &counts {
            assert_eq!(c.formula, c.built, "{c:?}");
        }
        let known = |table: &str, input: &str| -> Vec<usize> {
            let of = |c: &&ParameterCount| c.table == table && c.input == input && c.prediction_bias;
            counts.iter().filter(of).map(|c| c.formula).collect()
        };
        assert_eq!(known("A", "rgb"), [98_666, 101_034, 11_394, 13_810, 8_490]);
        assert_eq!(known("A", "gray"), [33_130, 35_498, 11_106, 13_522, 8_346]);
        assert_eq!(known("B", "signed"), [50_890, 14_234, 11_106, 8_618, 7_426]);
    }
}
