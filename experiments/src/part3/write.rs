//! What part 3 writes for one network.
use super::{Session, Trained, curves, first_weights};
use crate::{
    figure,
    results::{Meta, Nested, Part3},
    train::History,
    weights,
};
use anyhow::Result;
use ferrotape_nn::state_dict;

impl Session {
    /// Result, weights, weight pictures and figure.
    pub(super) fn write_network(&self, trained: &Trained) -> Result<Part3> {
        let name = trained.name;
        let shape =
            trained.best.info(trained.best.ids().next().expect("a network has weights")).shape.to_vec();
        let after = first_weights(&trained.best);
        let result = self.result(trained, Nested::new(&shape, after.clone()));
        let meta = &result.meta;
        let note = format!(
            "{name}, {}, edition {}, digest {}, version {}",
            self.data.name, meta.edition, meta.digest, meta.version
        );
        let bytes = state_dict::to_bytes(&trained.best, &note);
        self.out.write_bytes(&format!("part3_{name}.safetensors"), &bytes)?;
        for (when, values) in [("before", &trained.before), ("after", &after)] {
            let path = self.out.file(&format!("weights_{name}_{when}.png"));
            let description = format!("first-layer weights of {name} {when} training, {}", self.data.name);
            weights::grid(values, &shape, self.variant.image, &description, &path)?;
        }
        figure::part3(&[curves(&result)], &self.title(name), &self.out.file(&format!("part3_{name}")))?;
        result.write(&self.out)?;
        Ok(result)
    }

    fn result(&self, trained: &Trained, weights: Nested) -> Part3 {
        let runs = &trained.runs;
        let best = runs.iter().map(|r| r.test_acc).fold(0.0, f64::max);
        Part3 {
            name: trained.name.into(),
            loss_curve: mean(runs, |r| &r.loss),
            train_acc_curve: mean(runs, |r| &r.train_acc),
            val_acc_curve: mean(runs, |r| &r.val_acc),
            test_acc: best,
            weights,
            meta: Meta {
                data_set: self.data.description.clone(),
                edition: self.options.edition.year(),
                input: self.options.input().to_string(),
                seed: self.options.seed,
                flags: self.options.flags(self.data.name),
                digest: format!("{:016x}", trained.best.digest()),
                seconds: trained.seconds,
                device: self.device_name(),
                version: env!("CARGO_PKG_VERSION").into(),
                parameters: trained.best.count(),
                runs: runs.len(),
                run_test_accs: runs.iter().map(|r| r.test_acc).collect(),
                interrupted: trained.interrupted,
                diverged_at: runs.iter().find_map(|r| r.diverged_at),
            },
        }
    }

    fn device_name(&self) -> String {
        self.device.machine().map(|m| m.name()).unwrap_or_default()
    }
}

/// Curves of all runs averaged element by element, over as many records as the shortest has.
fn mean(runs: &[History], curve: impl Fn(&History) -> &Vec<f64>) -> Vec<f64> {
    let records = runs.iter().map(|r| curve(r).len()).min().unwrap_or(0);
    (0..records).map(|k| runs.iter().map(|r| curve(r)[k]).sum::<f64>() / runs.len() as f64).collect()
}
