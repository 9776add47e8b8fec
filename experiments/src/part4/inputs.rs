//! The bonus: the same trainings on inputs of another range.
use super::{Pair, Part};
use crate::{
    figure::{Chart, Panel, Scale, Series},
    interrupt,
    results::Part4Inputs,
    session::Session,
    train::History,
};
use anyhow::Result;
use ferrotape_nn::models::Network;
use std::iter;

impl Part {
    /// The networks of the bonus with every form of input, the edition's own first. A training that diverges is a
    /// finding here, not a failure.
    pub(super) fn train_inputs(&self) -> Result<()> {
        let sessions = self.sessions()?;
        for network in self.session.networks(&self.options.inputs_models)? {
            let mut pairs = Vec::new();
            for session in &sessions {
                let note = format!(" {}", session.splits.input);
                match self.train_pair(session, &network, &note)? {
                    Some(pair) if !interrupt::requested() => pairs.push(pair),
                    _ => return Ok(()),
                }
            }
            self.write_inputs(&network, &sessions, &pairs)?;
        }
        Ok(())
    }

    /// A session for each form of input, the edition's own first.
    pub(super) fn sessions(&self) -> Result<Vec<Session>> {
        let own = self.session.splits.input;
        let others = self.options.inputs.iter().copied().filter(|&input| input != own);
        iter::once(own).chain(others).map(|input| self.session.with_input(input)).collect()
    }

    fn write_inputs(&self, network: &Network, sessions: &[Session], pairs: &[Pair]) -> Result<()> {
        let name = network.name;
        let each = |which: usize| pairs.iter().map(move |pair| &pair[which].history);
        let loss = |which| each(which).map(|h| h.loss.clone()).collect();
        let grad = |which| each(which).map(|h| h.norms.first().cloned().unwrap_or_default()).collect();
        let test = |which| each(which).map(|h: &History| h.test_acc).collect();
        let diverged = |which| each(which).map(|h| h.diverged_at.unwrap_or(0)).collect();
        let mut meta = self.session.meta(self.flags(&self.session, name));
        meta.seconds = pairs.iter().flatten().map(|run| run.history.seconds).sum();
        let result = Part4Inputs {
            name: name.into(),
            inputs: sessions.iter().map(|s| s.splits.input.to_string()).collect(),
            relu_loss_curves: loss(0),
            sigmoid_loss_curves: loss(1),
            relu_grad_curves: grad(0),
            sigmoid_grad_curves: grad(1),
            relu_test_accs: test(0),
            sigmoid_test_accs: test(1),
            relu_diverged_at: diverged(0),
            sigmoid_diverged_at: diverged(1),
            meta,
        };
        let title = self.session.title(&format!("part 4, {name}: range of the input"));
        chart(&result, title).draw()?.write(&self.session.out.file(&format!("part4_inputs_{name}")))?;
        for (k, input) in result.inputs.iter().enumerate() {
            let end = |test: f64, at: u64| match at {
                0 => format!("test {test:.2} %"),
                step => format!("diverged at step {step}"),
            };
            let [relu, sigmoid] = [
                end(result.relu_test_accs[k], result.relu_diverged_at[k]),
                end(result.sigmoid_test_accs[k], result.sigmoid_diverged_at[k]),
            ];
            self.session.say(&format!("{name} {input}: relu {relu}, sigmoid {sigmoid}"));
        }
        self.session.write(&result)
    }
}

/// Losses and gradients of the first layer: one colour an input, ReLU solid, sigmoid dashed.
fn chart(result: &Part4Inputs, title: String) -> Chart {
    let both = |relu: &[Vec<f64>], sigmoid: &[Vec<f64>]| -> Vec<Series> {
        let pair = |k: usize| {
            let input = &result.inputs[k];
            let relu = Series::new(input, k, relu[k].as_slice());
            [relu, Series::new(input, k, sigmoid[k].as_slice()).dashed()]
        };
        (0..result.inputs.len()).flat_map(pair).collect()
    };
    Chart::new(title)
        .styles("ReLU", "sigmoid")
        .panel(
            Panel::new("training_losses", "loss")
                .series(both(&result.relu_loss_curves, &result.sigmoid_loss_curves)),
        )
        .panel(
            Panel::new("gradient_magnitudes", "|grad_loss|")
                .scale(Scale::Log)
                .series(both(&result.relu_grad_curves, &result.sigmoid_grad_curves)),
        )
}
