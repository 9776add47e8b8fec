//! The result file of part 2: `part2.json`.
use super::{Origin, ResultFile};
use serde::{Deserialize, Serialize};

/// What part 2 says of its convolution; the output itself is `out.npy`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part2 {
    /// Shape of the samples (N, C, H, W).
    pub samples_shape: Vec<usize>,
    /// Shape of the kernel (O, C, kh, kw).
    pub kernel_shape: Vec<usize>,
    /// Shape of the output (N, O, H - kh + 1, W - kw + 1).
    pub out_shape: Vec<usize>,
    /// Smallest output.
    pub min: f64,
    /// Largest output.
    pub max: f64,
    /// Share of outputs that the first picture clips to black, in percent: those at or below 0.
    pub black_percent: f64,
    /// Share that it clips to white, in percent: those at or above 1.
    pub white_percent: f64,
    /// The fast float32 kernel against float64; absent where float32 cannot hold the numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub float32: Option<Float32>,
    /// Likeness of the outputs, as correlation coefficients averaged over pairs.
    pub correlation: Correlation,
    /// The same of the picture of clipped values.
    pub correlation_clipped: Correlation,
    /// Samples and kernels that the pictures show; fewer than there are where a picture would be too large.
    pub pictured: [usize; 2],
    /// Where the numbers come from.
    pub meta: Origin,
}

/// How far the fast float32 kernel lies from float64.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Float32 {
    /// Largest difference.
    pub max_error: f64,
    /// Largest derived bound of a difference.
    pub max_bound: f64,
    /// Largest difference as a share of the bound of its element.
    pub worst_share: f64,
}

/// Mean correlation coefficients of pairs of pictures; absent where there is no pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correlation {
    /// Of the same kernel and different samples: within a column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_kernel: Option<f64>,
    /// Of the same sample and different kernels: within a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_sample: Option<f64>,
}

impl ResultFile for Part2 {
    fn stem(&self) -> String {
        "part2".into()
    }
}
