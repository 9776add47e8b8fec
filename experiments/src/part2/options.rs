//! The flags of part 2.
use clap::Parser;
use std::{collections::BTreeMap, path::PathBuf};

/// Part 2 of the homework: the forward pass of a convolution, in float64, as numbers and pictures.
///
/// Without files it draws digits and makes kernels of its own.
#[derive(Parser, Clone, Debug)]
#[command(name = "part2", version)]
pub struct Options {
    /// Images (N, C, H, W), raw values, any real type [default: five built-in drawings of a digit]
    #[arg(long, value_name = "FILE.npy")]
    pub samples: Option<PathBuf>,

    /// Kernels (O, C, kh, kw), any real type [default: eight built-in 4x4 detectors]
    #[arg(long, value_name = "FILE.npy")]
    pub kernel: Option<PathBuf>,

    /// Which digit the built-in drawings show
    #[arg(long, default_value_t = 2, conflicts_with = "samples", value_parser = clap::value_parser!(u8).range(0..=9))]
    pub digit: u8,

    /// Seed of the built-in drawings
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Directory of the results
    #[arg(long, default_value = "out/part2", value_name = "DIR")]
    pub out: PathBuf,

    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

impl Options {
    /// Everything that decides a result, for its `meta`.
    pub fn flags(&self) -> BTreeMap<String, String> {
        let file =
            |path: &Option<PathBuf>| path.as_ref().map_or("built-in".into(), |p| p.display().to_string());
        [
            ("samples", file(&self.samples)),
            ("kernel", file(&self.kernel)),
            ("digit", self.digit.to_string()),
            ("seed", self.seed.to_string()),
        ]
        .map(|(k, v)| (k.to_owned(), v))
        .into()
    }
}
