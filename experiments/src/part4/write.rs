//! What part 4 writes: for each network, and for all of them together.
use super::{Pair, Part};
use crate::{
    figure::{self, Activations, Depth},
    results::{Meta, Part4, Part4Details},
    session::with_params,
    train,
};
use anyhow::Result;
use ferrotape_nn::models::Network;

impl Part {
    /// Results and figures of a network.
    pub(super) fn write_network(&self, network: &Network, pair: &Pair) -> Result<(Part4, Part4Details)> {
        let (session, name) = (&self.session, network.name);
        let [relu, sigmoid] = pair.each_ref().map(|run| run.history.clone());
        let first = |norms: &[Vec<f64>]| norms.first().cloned().unwrap_or_default();
        let meta = self.meta(name, pair);
        let result = Part4 {
            name: name.into(),
            relu_grad_curve: first(&relu.norms),
            sigmoid_grad_curve: first(&sigmoid.norms),
            relu_loss_curve: relu.loss,
            sigmoid_loss_curve: sigmoid.loss,
            meta: meta.clone(),
        };
        let params = &pair[0].params;
        let details = Part4Details {
            name: name.into(),
            layers: train::weights(params).into_iter().map(|p| params.info(p).name).collect(),
            relu_norms: relu.norms,
            sigmoid_norms: sigmoid.norms,
            relu_train_acc_curve: relu.train_acc,
            sigmoid_train_acc_curve: sigmoid.train_acc,
            relu_test_acc: relu.test_acc,
            sigmoid_test_acc: sigmoid.test_acc,
            meta,
        };
        let file = |what: &str| session.out.file(&format!("part4_{name}{what}"));
        figure::part4(&session.title(&format!("part 4, {name}")), &[self.curves(&result)])?
            .write(&file(""))?;
        let layers: Vec<&str> = details.layers.iter().map(String::as_str).collect();
        let panels: [(&str, &[Vec<f64>]); 2] =
            [("ReLU", &details.relu_norms), ("sigmoid", &details.sigmoid_norms)];
        let title = session.title(&format!("{name}: gradients of every layer"));
        figure::layer_norms(&title, &layers, &panels)?.write(&file("_layers"))?;
        session.write(&details)?;
        session.write(&result)?;
        Ok((result, details))
    }

    fn meta(&self, name: &str, pair: &Pair) -> Meta {
        let histories = pair.each_ref().map(|run| &run.history);
        Meta {
            seconds: histories.iter().map(|h| h.seconds).sum(),
            run_test_accs: histories.iter().map(|h| h.test_acc).collect(),
            interrupted: histories.iter().any(|h| h.interrupted),
            diverged_at: histories.iter().find_map(|h| h.diverged_at),
            diverged_by: histories.iter().find_map(|h| h.diverged_by.clone()),
            digest: pair.each_ref().map(|run| format!("{:016x}", run.params.digest())).join(" "),
            ..with_params(self.session.meta(self.flags(&self.session, name)), &pair[0].params)
        }
    }

    /// The figures of all networks, of MLPs and of CNNs, of depth; and what there is now.
    pub(super) fn write_together(&self, results: &[(Part4, Part4Details)]) -> Result<()> {
        let session = &self.session;
        if results.len() > 1 {
            for (group, prefix) in [("all", ""), ("mlps", "mlp"), ("cnns", "cnn")] {
                let members = results.iter().map(|(r, _)| r).filter(|r| r.name.starts_with(prefix));
                let curves: Vec<Activations<'_>> = members.map(|r| self.curves(r)).collect();
                if !curves.is_empty() {
                    let title = session.title(&format!("part 4, {group}"));
                    figure::part4(&title, &curves)?.write(&session.out.file(&format!("part4_{group}")))?;
                }
            }
            self.write_depth(results)?;
        }
        session.say(&format!(
            "\n{:<8} {:>10} {:>10} {:>12} {:>12} {:>8} {:>8}",
            "network", "loss relu", "sigmoid", "|grad| relu", "sigmoid", "test %", "sigmoid"
        ));
        for (r, d) in results {
            let [loss_relu, loss_sigmoid, grad_relu, grad_sigmoid] =
                [&r.relu_loss_curve, &r.sigmoid_loss_curve, &r.relu_grad_curve, &r.sigmoid_grad_curve]
                    .map(|curve| mean_of_last(curve));
            session.say(&format!(
                "{:<8} {loss_relu:>10.4} {loss_sigmoid:>10.4} {grad_relu:>12.6} {grad_sigmoid:>12.6} {:>8.2} {:>8.2}",
                r.name, d.relu_test_acc, d.sigmoid_test_acc
            ));
        }
        session.say(&format!("(losses and norms: means of the last {LAST} records)"));
        Ok(())
    }
}

impl Part {
    /// The size of every layer's gradient at the end against its distance from the output.
    fn write_depth(&self, results: &[(Part4, Part4Details)]) -> Result<()> {
        let ends = |norms: &[Vec<f64>]| norms.iter().map(|curve| mean_of_last(curve)).collect::<Vec<_>>();
        let ends: Vec<[Vec<f64>; 2]> =
            results.iter().map(|(_, d)| [ends(&d.relu_norms), ends(&d.sigmoid_norms)]).collect();
        let depths = results.iter().zip(&ends).map(|((r, _), [relu, sigmoid])| Depth {
            name: &r.name,
            colour: self.colour(&r.name),
            relu,
            sigmoid,
        });
        let title = self.session.title("depth and the size of gradients");
        figure::depth(&title, &depths.collect::<Vec<_>>())?.write(&self.session.out.file("part4_depth"))?;
        Ok(())
    }

    /// The number of a network in its table: its colour in every figure.
    fn colour(&self, name: &str) -> usize {
        let table = self.session.networks(&[]).unwrap_or_default();
        table.iter().position(|network| network.name == name).unwrap_or(0)
    }

    /// A network's curves for the figure.
    fn curves<'a>(&self, result: &'a Part4) -> Activations<'a> {
        Activations {
            name: &result.name,
            colour: self.colour(&result.name),
            relu_loss: &result.relu_loss_curve,
            sigmoid_loss: &result.sigmoid_loss_curve,
            relu_grad: &result.relu_grad_curve,
            sigmoid_grad: &result.sigmoid_grad_curve,
        }
    }
}

/// Records that a training's end is the mean of.
const LAST: usize = 50;

fn mean_of_last(curve: &[f64]) -> f64 {
    let last = &curve[curve.len().saturating_sub(LAST)..];
    last.iter().sum::<f64>() / last.len() as f64
}
