//! Checkpoints: a whole store.
use super::safetensors::{StateDict, store};
use crate::{Allowance, Form, Random, Reader};
use ferrotape_nn::checkpoint;
use std::path::Path;

pub(super) struct Checkpoint;

impl Reader for Checkpoint {
    fn name(&self) -> &'static str {
        "checkpoint"
    }

    /// Before the first step, and with moments.
    fn seeds(&self) -> Vec<Vec<u8>> {
        let fresh = store(1).snapshot();
        let mut trained = store(2).snapshot();
        trained.moments = vec![trained.values.clone(), trained.grads.clone()];
        (trained.step, trained.cursor, trained.lr) = (7, 7, 1e-3);
        vec![checkpoint::to_bytes(&fresh, ""), checkpoint::to_bytes(&trained, "half way")]
    }

    fn form(&self) -> Form {
        Form::Mixed
    }

    fn marks(&self) -> Vec<usize> {
        vec![0, 8]
    }

    fn words(&self) -> &[&str] {
        &[
            "\"values\"",
            "\"moment.0\"",
            "\"moment.1\"",
            "\"moment.9\"",
            "\\\"form\\\":1",
            "\\\"form\\\":2",
            "\\\"step\\\":",
            "18446744073709551615",
            "1e999",
            "-1",
            "null",
            "{}",
            "[]",
            "\\\\u0000",
        ]
    }

    fn dress(&self, bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
        StateDict.dress(bytes, random)
    }

    /// The header twice: as a map of tensors, and the text within it.
    fn allowance(&self) -> Allowance {
        Allowance { per_byte: 64, constant: 64 << 10 }
    }

    fn read(&self, file: &Path) -> Result<(), String> {
        let params = store(7);
        let before = params.snapshot();
        checkpoint::load(&params, file).map(drop).map_err(|error| {
            assert_eq!(params.snapshot(), before, "refused, but the store has changed");
            error.to_string()
        })
    }
}
