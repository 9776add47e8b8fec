//! Initial values of parameters.
use ferrotape_autograd::Params;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use rand_distr::StandardNormal;

/// How the values of a layer start.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub enum Init {
    /// PyTorch's default for Linear and Conv2d: weights and biases uniform in ±1/√fan_in.
    ///
    /// (Its source reads Kaiming uniform with a = √5, which is ±√(6 / ((1 + a²) fan_in)), the same.)
    #[default]
    PyTorch,
    /// Weights N(0, 1), biases 0: the XOR network's.
    Normal,
}

impl Init {
    /// The weights and biases of a layer with `fan_in` inputs a unit, drawn from the store's seed and the number of
    /// parameters before it: a layer's values do not depend on how others were drawn.
    pub(crate) fn draw(
        self,
        params: &Params,
        fan_in: usize,
        weights: usize,
        biases: usize,
    ) -> (Vec<f32>, Vec<f32>) {
        let mut rng = ChaCha8Rng::seed_from_u64(params.seed());
        rng.set_stream(params.ids().count() as u64);
        match self {
            Init::PyTorch => {
                let bound = 1.0 / (fan_in as f32).sqrt();
                let mut uniform = |n| (0..n).map(|_| rng.random_range(-bound..=bound)).collect();
                (uniform(weights), uniform(biases))
            }
            Init::Normal => ((0..weights).map(|_| rng.sample(StandardNormal)).collect(), vec![0.0; biases]),
        }
    }
}
