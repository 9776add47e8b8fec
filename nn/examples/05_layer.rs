//! A layer of one's own: a gated linear unit, its parameters, their initial values, and its place in a network.
//!
//! ```text
//!      module                       output             parameters
//!   0  Flatten                      [16]                        0
//!   1  GatedLinear(16, 12)          [12]                      408
//!   2  Linear(12, 3)                [3]                        39
//!      total                                                  447
//!
//! 1.value.weight  [12, 16]  |x| <= 0.4625
//! 1.value.bias    [12]      |x| <= 0.0000
//! 1.gate.weight   [12, 16]  |x| <= 0.4569
//! 1.gate.bias     [12]      |x| <= 1.0000
//! ```
//!
//! Source: Y. N. Dauphin et al., "Language modeling with gated convolutional networks" (2017).
use ferrotape_autograd::{Layout, ParamId, Params, Var, check::gradcheck};
use ferrotape_nn::{Flatten, Linear, Module, Sequential, summary};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

/// `y = (x wᵀ + b) · σ(x vᵀ + c)`: x (N, inputs), w and v (units, inputs), b and c (units).
struct GatedLinear {
    sizes: [usize; 2],
    /// w, b, v, c: numbers of parameters, whose values are the store's.
    params: [ParamId; 4],
}

impl GatedLinear {
    /// Adds its parameters, `name.value.weight` and so on, to the store. Weights are uniform in ±√(6 / (inputs + units)), as
    /// Glorot and Bengio (2010) would have them. Biases are 0, but those of the gates 1: they begin open.
    fn new(params: &Params, name: &str, sizes @ [inputs, units]: [usize; 2]) -> Self {
        // A stream of its own: its values do not depend on how those of other layers were drawn.
        let mut rng = ChaCha8Rng::seed_from_u64(params.seed());
        rng.set_stream(params.count() as u64);
        let bound = (6.0 / (inputs + units) as f32).sqrt();
        let mut weight = |part: &str| {
            let values: Vec<f32> = (0..units * inputs).map(|_| rng.random_range(-bound..=bound)).collect();
            // Spoken (units, inputs) as in PyTorch; in memory the units lie side by side, for the vectors' sake.
            params.add(&format!("{name}.{part}.weight"), [units, inputs], Layout::InOut, &values)
        };
        let (w, v) = (weight("value"), weight("gate"));
        let bias = |part: &str, x| {
            params.add(&format!("{name}.{part}.bias"), [units], Layout::Rows, &vec![x; units])
        };
        Self { sizes, params: [w, bias("value", 0.0), v, bias("gate", 1.0)] }
    }
}

impl Module for GatedLinear {
    /// Appends operations to the tape of x. No gradient is written: the rules of `linear`, `sigmoid` and `mul` are enough.
    fn forward<'t>(&self, x: Var<'t>) -> Var<'t> {
        let [w, b, v, c] = self.params.map(|p| x.tape().param(p));
        x.linear(w, b) * x.linear(v, c).sigmoid()
    }

    fn describe(&self) -> String {
        format!("GatedLinear({}, {})", self.sizes[0], self.sizes[1])
    }

    fn params(&self) -> Vec<ParamId> {
        self.params.to_vec()
    }
}

fn main() {
    let params = Params::seeded(7);
    let hidden = GatedLinear::new(&params, "1", [16, 12]);
    let own = hidden.params();
    let last = Linear::new(&params, "2", 12, 3);
    let model: Sequential = vec![Box::new(Flatten), Box::new(hidden), Box::new(last)];
    println!("{}", summary(&model, &params, &[1, 4, 4]));
    for p in own {
        let (info, values) = (params.info(p), params.values(p));
        let most = values.iter().fold(0f32, |most, v| most.max(v.abs()));
        println!("{:<15} {:<9} |x| <= {most:.4}", info.name, info.shape.to_string());
    }
    // With respect to the images and all parameters.
    gradcheck(&params, &[&[5, 1, 4, 4]], |_, x| model.forward(x[0])).assert_ok();
}
