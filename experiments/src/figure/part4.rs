//! Part 4's figures: ReLU against sigmoid, in losses and in gradients.

use super::Rendered;
use super::chart::Chart;
use super::panel::{Panel, Scale, Series};
use crate::output::Result;

/// One network's curves with both activations, a value a record.
#[derive(Debug, Clone, Copy)]
pub struct Activations<'a> {
    /// The network's name.
    pub name: &'a str,
    /// Its colour: the number of the network among all, whichever are in the figure.
    pub colour: usize,
    /// Training loss with ReLU.
    pub relu_loss: &'a [f64],
    /// Training loss with sigmoid.
    pub sigmoid_loss: &'a [f64],
    /// Gradient norm of the first layer's weights with ReLU.
    pub relu_grad: &'a [f64],
    /// Gradient norm of the first layer's weights with sigmoid.
    pub sigmoid_grad: &'a [f64],
}

/// Draws `training_losses` and `gradient_magnitudes`: ReLU solid, sigmoid dashed, one colour a network.
///
/// # Errors
/// Where a colour is out of range.
pub fn part4(title: &str, networks: &[Activations<'_>]) -> Result<Rendered> {
    let both = |pick: fn(&Activations<'_>) -> [Vec<f64>; 2]| {
        networks.iter().flat_map(move |n| {
            let [relu, sigmoid] = pick(n);
            [Series::new(n.name, n.colour, relu), Series::new(n.name, n.colour, sigmoid).dashed()]
        })
    };
    Chart::new(title)
        .styles("ReLU", "sigmoid")
        .panel(
            Panel::new("training_losses", "loss")
                .series(both(|n| [n.relu_loss.into(), n.sigmoid_loss.into()])),
        )
        .panel(
            Panel::new("gradient_magnitudes", "|grad_loss|")
                .scale(Scale::Log)
                .series(both(|n| [n.relu_grad.into(), n.sigmoid_grad.into()])),
        )
        .draw()
}

/// Gradient norms of a network's layers: one panel an activation, one colour a layer, a logarithmic axis
/// common to all panels.
///
/// Each panel is its title and the curves of `layers` in their order.
///
/// # Errors
/// Where there are more layers than colours.
pub fn layer_norms(title: &str, layers: &[&str], panels: &[(&str, &[Vec<f64>])]) -> Result<Rendered> {
    let limits = common_limits(panels.iter().flat_map(|(_, curves)| curves.iter()));
    let panel = |(name, curves): &(&str, &[Vec<f64>])| {
        let curves = layers.iter().zip(*curves).enumerate();
        let series = curves.map(|(i, (layer, values))| Series::new(*layer, i, values.as_slice()));
        let panel = Panel::new(*name, "|grad_loss| of the layer's weights").scale(Scale::Log).series(series);
        Panel { y_limits: limits, ..panel }
    };
    Chart { panels: panels.iter().map(panel).collect(), ..Chart::new(title) }.draw()
}

/// From the least to the greatest positive value; none where there is none.
fn common_limits<'a>(curves: impl Iterator<Item = &'a Vec<f64>>) -> Option<(f64, f64)> {
    let positive = curves.flatten().copied().filter(|v| *v > 0.0 && v.is_finite());
    let (low, high) = positive.fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
    (low <= high).then_some((low / 1.5, high * 1.5))
}

/// Gradient norm against depth: `layers` from the input on, each network with ReLU solid and sigmoid
/// dashed, at 1 = the layer next to the output.
///
/// # Errors
/// Where a colour is out of range.
pub fn depth(title: &str, networks: &[Depth<'_>]) -> Result<Rendered> {
    let series = networks.iter().flat_map(|n| {
        let curve = |norms: &[f64]| {
            let from_output: Vec<f64> = (1..=norms.len()).rev().map(|i| i as f64).collect();
            Series::new(n.name, n.colour, norms).at(from_output)
        };
        [curve(n.relu), curve(n.sigmoid).dashed()]
    });
    let panel = Panel::new("gradient size by depth", "|grad_loss| of the layer's weights")
        .over("layers from the output (1 = prediction layer)")
        .scale(Scale::Log)
        .series(series);
    Chart::new(title).styles("ReLU", "sigmoid").panel(panel).draw()
}

/// A network's gradient norms by layer, from the input on.
#[derive(Debug, Clone, Copy)]
pub struct Depth<'a> {
    /// The network's name.
    pub name: &'a str,
    /// Its colour: the number of the network among all.
    pub colour: usize,
    /// Norms with ReLU.
    pub relu: &'a [f64],
    /// Norms with sigmoid.
    pub sigmoid: &'a [f64],
}
