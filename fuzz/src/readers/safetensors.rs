//! Weight files.
use crate::{Allowance, Form, Random, Reader};
use ferrotape_autograd::Params;
use ferrotape_nn::{Linear, state_dict};
use std::path::Path;

pub(super) struct StateDict;

/// The store of a small network.
pub(super) fn store(seed: u64) -> Params {
    let params = Params::seeded(seed);
    Linear::new(&params, "0", 3, 2);
    Linear::new(&params, "2", 2, 1);
    params
}

impl Reader for StateDict {
    fn name(&self) -> &'static str {
        "safetensors"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        vec![state_dict::to_bytes(&store(1), "mlp"), state_dict::to_bytes(&store(2), "")]
    }

    fn form(&self) -> Form {
        Form::Mixed
    }

    fn marks(&self) -> Vec<usize> {
        vec![0, 8]
    }

    fn words(&self) -> &[&str] {
        &[
            "\"F64\"",
            "\"BOOL\"",
            "\"F16\"",
            "\"0.weight\"",
            "\"9.weight\"",
            "\"__metadata__\"",
            "null",
            "{}",
            "[]",
            "\\n",
            "\\u0000",
        ]
    }

    /// The length of the header is made right again, mostly.
    fn dress(&self, mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
        let end = bytes.windows(2).rposition(|pair| pair == b"}}");
        if let (Some(end), false) = (end, random.once_in(4)) {
            let spaces = bytes[end + 2..].iter().take_while(|&&byte| byte == b' ').count();
            if let Some(length) = (end + 2 + spaces).checked_sub(8) {
                bytes[..8].copy_from_slice(&(length as u64).to_le_bytes());
            }
        }
        bytes
    }

    /// A header is a map of names; `0,` of a shape becomes a word, in a list that grows by doubling.
    fn allowance(&self) -> Allowance {
        Allowance { per_byte: 32, constant: 32 << 10 }
    }

    fn read(&self, file: &Path) -> Result<(), String> {
        let params = store(7);
        let before = params.digest();
        state_dict::load(&params, file).map_err(|error| {
            assert_eq!(params.digest(), before, "refused, but the parameters have changed");
            error.to_string()
        })
    }
}
