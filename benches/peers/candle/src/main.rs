//! candle 0.11. It has AdamW only: with weight decay 0 that is Adam.
use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{AdamW, Module, Optimizer, ParamsAdamW, VarBuilder, VarMap, conv2d, linear, loss, seq};
use common::{BATCH, Layer, NETWORKS, images, labels, report};

fn main() -> Result<()> {
    let device = Device::Cpu;
    let x = Tensor::from_vec(images(), (BATCH, 3, 32, 32), &device)?;
    let y = Tensor::from_vec(labels().collect::<Vec<_>>(), BATCH, &device)?;
    for (name, layers) in NETWORKS {
        let variables = VarMap::new();
        let store = VarBuilder::from_varmap(&variables, DType::F32, &device);
        let mut model = seq();
        for (k, layer) in layers.iter().enumerate() {
            let store = store.pp(k);
            model = match *layer {
                Layer::Conv(from, to, kernel) => {
                    model.add(conv2d(from, to, kernel, Default::default(), store)?)
                }
                Layer::Relu => model.add_fn(|x| x.relu()),
                Layer::Pool => model.add_fn(|x| x.max_pool2d(2)),
                Layer::Fc(from, to) => {
                    let layer = linear(from, to, store)?;
                    model.add_fn(move |x| layer.forward(&x.flatten_from(1)?))
                }
            };
        }
        let rule = ParamsAdamW { lr: 1e-3, weight_decay: 0.0, ..Default::default() };
        let mut adam = AdamW::new(variables.all_vars(), rule)?;
        let mut step = || -> Result<f32> {
            let loss = loss::cross_entropy(&model.forward(&x)?, &y)?;
            adam.backward_step(&loss)?;
            loss.to_scalar()
        };
        report("candle 0.11.1", name, || step().expect("shapes fit"));
    }
    Ok(())
}
