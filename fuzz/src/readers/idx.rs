//! IDX files, plain and gzipped.
use super::gzip;
use crate::{Allowance, Form, Random, Reader};
use ferrotape_autograd::Source;
use ferrotape_data::idx::{IMAGES_MAGIC, Images, LABELS_MAGIC};
use std::{fs, path::Path};

pub(super) struct Idx {
    pub zipped: bool,
}

const IMAGES: u32 = 3;

fn file(head: &[u32], body: &[u8]) -> Vec<u8> {
    head.iter().flat_map(|word| word.to_be_bytes()).chain(body.iter().copied()).collect()
}

fn images() -> Vec<u8> {
    file(&[IMAGES_MAGIC, IMAGES, 4, 5], &[7; 60])
}

fn labels() -> Vec<u8> {
    file(&[LABELS_MAGIC, IMAGES], &[0, 9, 4])
}

impl Reader for Idx {
    fn name(&self) -> &'static str {
        if self.zipped { "idx-gzip" } else { "idx" }
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        vec![images(), labels()]
    }

    fn form(&self) -> Form {
        Form::Binary
    }

    fn marks(&self) -> Vec<usize> {
        vec![0, 4, 8, 12, 16]
    }

    fn dress(&self, bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
        if self.zipped { gzip(&bytes, random) } else { bytes }
    }

    /// A byte of gzip inflates to 1,032 at most (each pair of bits may stand for 258). They are held once, labels twice.
    fn allowance(&self) -> Allowance {
        if self.zipped {
            Allowance { per_byte: 2 * 1032, constant: 128 << 10 }
        } else {
            Allowance { per_byte: 1, constant: 4 << 10 }
        }
    }

    /// As the images of good labels, and as the labels of good images.
    fn read(&self, path: &Path) -> Result<(), String> {
        let beside = path.with_extension("beside");
        let good = |bytes: Vec<u8>| fs::write(&beside, bytes).expect("a file beside it");
        good(labels());
        let opened = Images::open(path, &beside);
        let images = match opened {
            Ok(images) => images,
            Err(error) => {
                good(self::images());
                Images::open(&beside, path).map_err(|_| error.to_string())?
            }
        };
        let [channels, rows, columns] = images.shape();
        assert!(channels == 1 && images.len() == IMAGES as usize);
        for at in 0..images.len() {
            assert_eq!(images.pixels(at).len(), rows * columns);
            assert!(usize::from(images.label(at)) < images.classes());
        }
        Ok(())
    }
}
