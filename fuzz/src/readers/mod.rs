//! Every reader of files there is.
mod archive;
mod checkpoint;
mod cifar;
mod idx;
mod inspection;
mod kept;
mod npy;
mod ptx;
mod results;
mod safetensors;

use crate::{Random, Reader};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

/// All of them.
pub fn all() -> Vec<Box<dyn Reader>> {
    vec![
        Box::new(cifar::Cifar),
        Box::new(idx::Idx { zipped: false }),
        Box::new(idx::Idx { zipped: true }),
        Box::new(archive::Archive),
        Box::new(npy::Npy),
        Box::new(safetensors::StateDict),
        Box::new(checkpoint::Checkpoint),
        Box::new(results::Results),
        Box::new(results::Report),
        Box::new(kept::Kept),
        Box::new(inspection::Recorded),
        Box::new(ptx::Text),
        Box::new(ptx::Launched),
    ]
}

/// The gzip file of `bytes`, mostly of stored blocks, which is quick, and damaged itself once in four times.
fn gzip(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let how = if random.once_in(4) { Compression::fast() } else { Compression::none() };
    let mut encoder = GzEncoder::new(Vec::new(), how);
    encoder.write_all(bytes).expect("memory takes all");
    let mut zipped = encoder.finish().expect("memory takes all");
    if random.once_in(4) {
        for _ in 0..=random.below(3) {
            let at = random.below(zipped.len());
            zipped[at] = random.next() as u8;
        }
        if random.once_in(3) {
            zipped.truncate(random.below(zipped.len()));
        }
    }
    zipped
}
