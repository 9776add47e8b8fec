//! What part 3 writes for one network.
use super::{Part, Trained, curves};
use crate::{
    figure, metrics, npy,
    results::{Meta, Nested, Part3, Part3Details},
    session::with_params,
    train::History,
    weights,
};
use anyhow::Result;
use ferrotape_nn::state_dict;

impl Part {
    /// Results, weights, weight pictures and figures.
    pub(super) fn write_network(&self, trained: &Trained) -> Result<(Part3, Part3Details)> {
        let Self { session, .. } = self;
        let (name, best) = (trained.name, trained.best());
        let meta = self.meta(trained);
        let (shape, after) = best.first_layer();
        let flags: Vec<String> = meta.flags.iter().map(|(flag, value)| format!("{flag} {value}")).collect();
        let note = format!(
            "{name}, {}, edition {}, digest {}, version {}; {}",
            session.data.name,
            meta.edition,
            meta.digest,
            meta.version,
            flags.join(", ")
        );
        let bytes = state_dict::to_bytes(&best.params, &note);
        session.out.write_bytes(&format!("part3_{name}.safetensors"), &bytes)?;
        for (when, values) in [("before", &best.before), ("after", &after)] {
            let path = session.out.file(&format!("weights_{name}_{when}.png"));
            let description = format!("first-layer weights of {name} {when} training, {}", session.data.name);
            weights::grid(values, &shape, session.variant.image, &description, &path)?;
        }
        if session.common.pickle {
            let numbers: Vec<f64> = after.iter().map(|&w| w.into()).collect();
            npy::write(&session.out.file(&format!("weights_{name}.npy")), &shape, &numbers)?;
        }
        let results =
            (result(trained, Nested::new(&shape, after), meta.clone()), self.details(trained, meta)?);
        figure::part3(
            &[curves(&results)],
            &session.title(name),
            &session.out.file(&format!("part3_{name}")),
        )?;
        session.write(&results.1)?;
        session.write(&results.0)?;
        Ok(results)
    }

    fn meta(&self, trained: &Trained) -> Meta {
        let histories = || trained.runs.iter().map(|run| &run.history);
        Meta {
            seconds: trained.seconds,
            runs: trained.runs.len(),
            run_test_accs: histories().map(|h| h.test_acc).collect(),
            interrupted: trained.interrupted,
            diverged_at: histories().find_map(|h| h.diverged_at),
            diverged_by: histories().find_map(|h| h.diverged_by.clone()),
            ..with_params(self.session.meta(self.flags(trained.name)), &trained.best().params)
        }
    }

    fn details(&self, trained: &Trained, meta: Meta) -> Result<Part3Details> {
        // The spread of a single run is nothing, not a list of zeros.
        let spread = |curve: fn(&History) -> &Vec<f64>| match trained.runs.len() {
            1 => Vec::new(),
            _ => metrics::spread(&trained.curves(curve)),
        };
        Ok(Part3Details {
            name: trained.name.into(),
            loss_std: spread(|r| &r.loss),
            train_acc_std: spread(|r| &r.train_acc),
            val_acc_std: spread(|r| &r.val_acc),
            test: self.session.answers(trained.best(), &format!("part3_{}", trained.name), trained.name)?,
            meta,
        })
    }
}

fn result(trained: &Trained, weights: Nested, meta: Meta) -> Part3 {
    Part3 {
        name: trained.name.into(),
        loss_curve: metrics::mean(&trained.curves(|r| &r.loss)),
        train_acc_curve: metrics::mean(&trained.curves(|r| &r.train_acc)),
        val_acc_curve: metrics::mean(&trained.curves(|r| &r.val_acc)),
        test_acc: trained.best().history.test_acc,
        weights,
        meta,
    }
}

impl Trained {
    /// One of the curves of every run.
    fn curves(&self, curve: fn(&History) -> &Vec<f64>) -> Vec<&Vec<f64>> {
        self.runs.iter().map(|run| curve(&run.history)).collect()
    }
}
