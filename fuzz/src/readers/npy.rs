//! NumPy's files.
use crate::{Allowance, Form, Random, Reader};
use ferrotape_experiments::{exit, npy};
use std::{fs, path::Path};

pub(super) struct Npy;

/// Where a header of version 1 says how long it is.
const LENGTH: usize = 8;

fn file(version: u8, dictionary: &str, data: &[u8]) -> Vec<u8> {
    let length = dictionary.len() as u32;
    let length =
        if version == 1 { (length as u16).to_le_bytes().to_vec() } else { length.to_le_bytes().to_vec() };
    [b"\x93NUMPY", &[version, 0][..], &length, dictionary.as_bytes(), data].concat()
}

impl Reader for Npy {
    fn name(&self) -> &'static str {
        "npy"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ours.npy");
        npy::write(&path, &[2, 1, 3], &[0.5; 6]).expect("a file");
        let c = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }\n";
        let fortran = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }\n";
        vec![
            fs::read(path).expect("the file"),
            file(1, c, &[1; 6]),
            file(2, fortran, &[1; 12]),
            file(3, "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9), }\n", &[]),
        ]
    }

    fn form(&self) -> Form {
        Form::Mixed
    }

    fn marks(&self) -> Vec<usize> {
        vec![6, 7, LENGTH, 10, 12]
    }

    fn words(&self) -> &[&str] {
        &[
            "'|b1'",
            "'<f8'",
            "'>u8'",
            "'<c16'",
            "'|O'",
            "'|S5'",
            "'<U3'",
            "True",
            "[('a', '<f4', (2, 3))]",
            "1L",
            "()",
        ]
    }

    /// The length of the header is made right again, mostly.
    fn dress(&self, mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
        if !random.once_in(4)
            && let Some(end) = bytes.iter().position(|&byte| byte == b'\n')
        {
            let (start, wide) = if bytes.get(6) == Some(&1) { (10, false) } else { (12, true) };
            let length = (end + 1).saturating_sub(start) as u32;
            if end > start && wide {
                bytes[LENGTH..start].copy_from_slice(&length.to_le_bytes());
            } else if end > start {
                bytes[LENGTH..start].copy_from_slice(&(length as u16).to_le_bytes());
            }
        }
        bytes
    }

    /// A byte becomes an f64, in a list that grows by doubling, and once more in the order of C. A header of 10,000
    /// bytes, the longest, is parsed by way of some 250 for each.
    fn allowance(&self) -> Allowance {
        Allowance { per_byte: 40, constant: 4 << 20 }
    }

    fn read(&self, file: &Path) -> Result<(), String> {
        let array = npy::read(file).map_err(|error| exit::line(&error))?;
        assert_eq!(array.shape.iter().product::<usize>(), array.values.len());
        for at in [0, array.values.len().wrapping_sub(1)].into_iter().filter(|at| *at < array.values.len()) {
            assert!(array.index(at).iter().zip(&array.shape).all(|(index, size)| index < size));
        }
        Ok(())
    }
}
