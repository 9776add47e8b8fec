//! dfdx 0.13: mlp_1 only, because its Conv2D and MaxPool2D exist behind a feature for the nightly compiler alone.
use common::{BATCH, images, labels, report};
use dfdx::{optim::Adam, prelude::*};

type Mlp = (Linear<3072, 32>, ReLU, Linear<32, 10>);

fn main() {
    let device = Cpu::default();
    let mut model = device.build_module::<Mlp, f32>();
    let mut gradients = Some(model.alloc_grads());
    let mut adam = Adam::new(&model, Default::default());
    let x: Tensor<Rank2<BATCH, 3072>, f32, _> = device.tensor(images());
    let mut one_hot = vec![0.0; BATCH * 10];
    labels().enumerate().for_each(|(i, label)| one_hot[i * 10 + label as usize] = 1.0);
    let y: Tensor<Rank2<BATCH, 10>, f32, _> = device.tensor(one_hot);
    report("dfdx 0.13.0", "mlp_1", || {
        let logits = model.forward_mut(x.clone().trace(gradients.take().expect("returned below")));
        let loss = cross_entropy_with_logits_loss(logits, y.clone());
        let value = loss.array();
        let mut found = loss.backward();
        adam.update(&mut model, &found).expect("every parameter is used");
        model.zero_grads(&mut found);
        gradients = Some(found);
        value
    });
}
