//! The figures of part 1.
use super::{
    Work,
    activations::{ACTIVATIONS, Curve},
    boundary::STEP,
    trainings::{PICTURED, Run},
    xor::{Architecture, THRESHOLD},
};
use crate::{
    figure::{self, Chart, Decision, Function, Panel, Scale, Series},
    metrics,
    output::{OutDir, Result},
};
use std::path::Path;

impl Work {
    /// Draws every figure there are numbers for.
    pub(super) fn draw(&self, out: &OutDir) -> Result<()> {
        self.draw_activations(out)?;
        self.draw_calibration(out)?;
        // The first reduction: the sum, unless only the mean was asked for.
        let group = |network: Architecture| self.groups.iter().find(|group| group.architecture == network);
        for activation in ACTIVATIONS {
            if let Some(group) = group(Architecture::both(activation)) {
                let title = format!("XOR, {}: runs from different weights", group.architecture);
                let runs = group.runs.iter().take(PICTURED).enumerate();
                let runs = runs.map(|(i, run)| (format!("run {}", i + 1), run));
                self.draw_boundaries(&title, runs, &out.file(&format!("part1_boundary_{activation}")))?;
            }
        }
        let single = |activation| {
            let group = group(Architecture { hidden: None, output: activation })?;
            Some((group.architecture.to_string(), group.runs.first()?))
        };
        let singles: Vec<_> = ACTIVATIONS.into_iter().filter_map(single).collect();
        if !singles.is_empty() {
            let title = "XOR, single layers: a line cannot part the labels";
            self.draw_boundaries(title, singles.into_iter(), &out.file("part1_boundary_single_layer"))?;
        }
        if !self.groups.is_empty() {
            self.draw_losses(out)?;
        }
        Ok(())
    }

    fn draw_activations(&self, out: &OutDir) -> Result<()> {
        // The figure asks for the grid the curves were computed on.
        let at = |curve: &Curve, x: f64| curve.x.partition_point(|&p| p < x - 1e-9);
        type Of<'a> = Box<dyn Fn(f64) -> f64 + 'a>;
        let closures: Vec<(String, Of<'_>, Of<'_>)> = self
            .curves
            .iter()
            .map(|curve| {
                let value: Of<'_> = Box::new(move |x| curve.value[at(curve, x)]);
                let slope: Of<'_> = Box::new(move |x| curve.derivative[at(curve, x)]);
                (curve.activation.to_string(), value, slope)
            })
            .collect();
        let functions: Vec<Function<'_>> =
            closures.iter().map(|(name, value, slope)| Function { name, value, slope }).collect();
        let title = "activation functions and their derivatives, as the tape computes them";
        figure::functions(title, &functions)?.write(&out.file("part1_activations"))?;
        Ok(())
    }

    /// Named runs side by side.
    fn draw_boundaries<'a>(
        &self,
        title: &str,
        runs: impl Iterator<Item = (String, &'a Run)>,
        stem: &Path,
    ) -> Result<()> {
        let validation = &self.points.validation;
        let points: Vec<[f64; 2]> = validation.points.iter().map(|p| p.map(f64::from)).collect();
        let labels: Vec<u8> = validation.labels.iter().map(|&label| label as u8).collect();
        let panel = |(name, run): (String, &Run)| {
            let outputs: Vec<f64> = run.outputs.iter().map(|&v| f64::from(v)).collect();
            let dead = if run.dead { ", dead" } else { "" };
            (format!("{name}: {:.0} % right{dead}", run.right), outputs)
        };
        let panels: Vec<(String, Vec<f64>)> = runs.map(panel).collect();
        let decisions: Vec<Decision<'_>> = panels
            .iter()
            .map(|(title, outputs)| Decision {
                title,
                origin: [self.grid.x[0], self.grid.y[0]],
                step: STEP,
                columns: self.grid.x.len(),
                outputs,
                points: &points,
                labels: &labels,
            })
            .collect();
        figure::decision(title, &decisions)?.write(stem)?;
        Ok(())
    }

    /// Mean loss over the runs of each network with a hidden layer, a panel a reduction.
    fn draw_losses(&self, out: &OutDir) -> Result<()> {
        let mut chart = Chart::new("XOR: mean squared error over the training points, mean of all runs");
        for reduction in [super::Reduction::Sum, super::Reduction::Mean] {
            let groups = || self.groups.iter().filter(|group| group.reduction == reduction);
            let series = groups().filter_map(|group| {
                let colour = Architecture::ALL.iter().position(|a| *a == group.architecture)?;
                let curves: Vec<&[f64]> = group.runs.iter().map(|run| &run.curve[..]).collect();
                let mean = metrics::mean(&curves);
                let epochs: Vec<f64> = (0..mean.len()).map(|i| (i as u64 * self.eval_every) as f64).collect();
                let series = Series::new(group.architecture.to_string(), colour, mean).at(epochs);
                Some(if group.architecture.hidden.is_none() { series.dashed() } else { series })
            });
            if groups().next().is_some() {
                let title = format!("gradient of half the {reduction} of squared errors");
                chart = chart.panel(
                    Panel::new(title, "mean squared error").over("epoch").scale(Scale::Log).series(series),
                );
            }
        }
        chart.styles("hidden layer", "single layer").draw()?.write(&out.file("part1_losses"))?;
        Ok(())
    }

    fn draw_calibration(&self, out: &OutDir) -> Result<()> {
        let (c, slice) = (&self.calibrated.numbers, &self.calibrated.slice);
        let bins = || c.reliability.bins.iter().filter(|bin| bin.count > 0);
        let (predicted, observed): (Vec<f64>, Vec<f64>) = bins().map(|b| (b.predicted, b.observed)).unzip();
        let reliability = Panel {
            diagonal: true,
            x_limits: Some((0.0, 1.0)),
            y_limits: Some((0.0, 1.0)),
            ..Panel::new("reliability, ten intervals", "share of label 1 among them")
                .over("softmax output for label 1")
                .series([Series::new("network", 0, observed).at(predicted)])
        };
        let along = Panel {
            y_limits: Some((0.0, 1.0)),
            ..Panel::new("along the line x₂ = 1", "probability of label 1").over("x₁").series([
                Series::new("P(1|x)", 6, slice.truth.clone()).at(slice.x.clone()).dashed(),
                Series::new("network", 0, slice.predicted.clone()).at(slice.x.clone()),
            ])
        }
        .level(f64::from(THRESHOLD), "");
        let title = format!(
            "cross-entropy training approximates P(y|x): mean |softmax - P| {:.3}, calibration error {:.3}",
            c.mean_difference, c.reliability.error
        );
        Chart::new(title).panel(reliability).panel(along).draw()?.write(&out.file("part1_calibration"))?;
        Ok(())
    }
}
