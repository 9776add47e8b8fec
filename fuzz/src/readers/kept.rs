//! Finished trainings that are kept.
use super::safetensors::store;
use crate::{Allowance, Form, Reader};
use ferrotape_experiments::{exit, session::kept, train::History};
use ferrotape_nn::state_dict;
use std::path::Path;

pub(super) struct Kept;

impl Reader for Kept {
    fn name(&self) -> &'static str {
        "kept"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let curve = vec![2.25, 1.5, 0.125];
        let short = History {
            loss: curve.clone(),
            train_acc: curve.clone(),
            test_acc: 10.0,
            steps: 30,
            seconds: 0.5,
            ..History::default()
        };
        let long = History {
            val_loss: curve.clone(),
            val_acc: curve.clone(),
            norms: vec![curve.clone(), curve],
            diverged_at: Some(20),
            ..short.clone()
        };
        [short, long].map(|history| serde_json::to_vec(&history).expect("finite numbers")).to_vec()
    }

    fn form(&self) -> Form {
        Form::Text
    }

    fn words(&self) -> &[&str] {
        &["null", "true", "NaN", "{}", "[]", "\\n", "\"\""]
    }

    fn allowance(&self) -> Allowance {
        Allowance { per_byte: 32, constant: 32 << 10 }
    }

    fn read(&self, file: &Path) -> Result<(), String> {
        let (params, weights) = (store(7), file.with_extension("safetensors"));
        state_dict::save(&store(1), &weights, "").expect("a weight file");
        let history = kept::read(file, &weights, &params).map_err(|error| exit::line(&error))?;
        let records = history.loss.len();
        assert_eq!(history.train_acc.len(), records);
        for list in [&history.val_loss, &history.val_acc].into_iter().chain(&history.norms) {
            assert!(list.is_empty() || list.len() == records);
        }
        Ok(())
    }
}
