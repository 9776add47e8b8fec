//! CIFAR-10's binary files.
use crate::{Allowance, Form, Reader};
use ferrotape_autograd::Source;
use ferrotape_data::{CLASSES, RECORD_BYTES, Records};
use std::path::Path;

pub(super) struct Cifar;

impl Reader for Cifar {
    fn name(&self) -> &'static str {
        "cifar"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let record = |label: usize| [vec![label as u8], vec![100 + label as u8; RECORD_BYTES - 1]].concat();
        [1, 3].map(|records| (0..records).flat_map(|at| record(4 * at)).collect()).to_vec()
    }

    fn form(&self) -> Form {
        Form::Binary
    }

    fn marks(&self) -> Vec<usize> {
        vec![0, RECORD_BYTES, 2 * RECORD_BYTES]
    }

    /// The file is mapped; only its labels are copied.
    fn allowance(&self) -> Allowance {
        Allowance { per_byte: 1, constant: 4 << 10 }
    }

    fn read(&self, file: &Path) -> Result<(), String> {
        let records = Records::open(&[file]).map_err(|error| error.to_string())?;
        let length = file.metadata().expect("the file is there").len();
        assert_eq!((records.len() * RECORD_BYTES) as u64, length);
        for at in 0..records.len() {
            assert!(usize::from(records.label(at)) < CLASSES);
            assert_eq!(records.pixels(at).len(), RECORD_BYTES - 1);
        }
        Ok(())
    }
}
