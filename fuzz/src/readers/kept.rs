//! Finished trainings that are kept.
use super::safetensors::store;
use crate::{Allowance, Form, Random, Reader};
use ferrotape_experiments::{
    exit,
    session::{kept, sealed},
    train::History,
};
use ferrotape_nn::state_dict;
use std::{fs, path::Path};

pub(super) struct Kept;

/// The file of a history that belongs to the weights of `store(1)`.
fn sealed(history: &History) -> Vec<u8> {
    sealed::to_string(history, &state_dict::to_bytes(&store(1), "")).expect("finite numbers").into_bytes()
}

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
        [short, long].map(|history| sealed(&history)).to_vec()
    }

    fn form(&self) -> Form {
        Form::Text
    }

    fn words(&self) -> &[&str] {
        &["null", "true", "NaN", "{}", "[]", "\\n", "\"\""]
    }

    /// Half of those that are still a history get the digest of what they say now, so that it is not the digest that refuses all.
    fn dress(&self, bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
        let history = |bytes: &[u8]| {
            let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
            serde_json::from_value(value.get("history")?.clone()).ok()
        };
        match history(&bytes).filter(|_| random.once_in(2)) {
            Some(history) => sealed(&history),
            None => bytes,
        }
    }

    fn allowance(&self) -> Allowance {
        Allowance { per_byte: 32, constant: 32 << 10 }
    }

    fn read(&self, file: &Path) -> Result<(), String> {
        let (params, weights) = (store(7), file.with_extension("safetensors"));
        fs::write(&weights, state_dict::to_bytes(&store(1), "")).expect("a weight file");
        let history = kept::read(file, &weights, &params).map_err(|error| exit::line(&error))?;
        let records = history.loss.len();
        assert_eq!(history.train_acc.len(), records);
        for list in [&history.val_loss, &history.val_acc].into_iter().chain(&history.norms) {
            assert!(list.is_empty() || list.len() == records);
        }
        Ok(())
    }
}
