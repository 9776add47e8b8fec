//! PyTorch computes the same: logits from the same weights, in both directions, and losses along the same steps.
//!
//! Skipped, and said so, where there is no PyTorch.
use anyhow::Result;
use ferrotape_autograd::{Params, Shape};
use ferrotape_nn::{
    models::{TABLE_A, Variant},
    state_dict,
};
use ferrotape_tests::pytorch::{self, KINDS};
use safetensors::Dtype;

#[test]
fn torch_loads_our_weights() -> Result<()> {
    let dir = tempfile::tempdir()?;
    for (kind, table, image) in KINDS {
        let folder = dir.path().join(kind);
        std::fs::create_dir(&folder)?;
        let shape = Shape::new(&[&[8], &image[..]].concat());
        let images: Vec<f32> = (0..shape.len()).map(|i| (i as f32 * 0.37).sin()).collect();
        for network in table {
            let params = Params::seeded(11);
            let model = network.build(&params, &Variant { image, ..Variant::default() });
            let logits = pytorch::logits(&params, &model, shape, &images)?;
            state_dict::save(&params, folder.join(format!("{}.safetensors", network.name)), "")?;
            pytorch::write(
                &folder.join(format!("{}.io.safetensors", network.name)),
                &[
                    ("x", Dtype::F32, &shape.to_vec(), bytemuck::cast_slice(&images)),
                    ("logits", Dtype::F32, &[8, 10], bytemuck::cast_slice(&logits)),
                ],
            )?;
        }
    }
    println!("{}", pytorch::run("state_dict.py", &["--load"], dir.path())?.unwrap_or_default());
    Ok(())
}

#[test]
fn we_load_the_weights_of_torch() -> Result<()> {
    let dir = tempfile::tempdir()?;
    if pytorch::run("state_dict.py", &["--save"], dir.path())?.is_none() {
        return Ok(());
    }
    for (kind, table, image) in KINDS {
        for network in table {
            let file = |suffix| dir.path().join(kind).join(format!("{}.{suffix}", network.name));
            let (shape, images) = pytorch::read(&file("io.safetensors"), "x")?;
            let (_, theirs) = pytorch::read(&file("io.safetensors"), "logits")?;
            let params = Params::default();
            let model = network.build(&params, &Variant { image, ..Variant::default() });
            state_dict::load(&params, file("safetensors"))?;
            let ours = pytorch::logits(&params, &model, shape, &images)?;
            assert_eq!(ours.len(), theirs.len());
            let largest = theirs.iter().fold(0.0, |m: f32, v| m.max(v.abs()));
            let apart = ours.iter().zip(&theirs).fold(0.0, |m: f32, (a, b)| m.max((a - b).abs()));
            println!("{kind:8} {:6} largest logit {largest:.4}, max difference {apart:.2e}", network.name);
            assert!(apart <= 1e-5 * largest, "{kind} {}: {apart:e} of {largest}", network.name);
        }
    }
    Ok(())
}

/// Ten steps of three networks; `examples/step_parity.rs` makes a hundred of all five.
#[test]
fn torch_makes_the_same_steps() -> Result<()> {
    let dir = tempfile::tempdir()?;
    for network in TABLE_A.iter().filter(|network| ["mlp_1", "mlp_2", "cnn_5"].contains(&network.name)) {
        pytorch::export_steps(dir.path(), network, 10)?;
    }
    println!("{}", pytorch::run("step_parity.py", &["--dir"], dir.path())?.unwrap_or_default());
    Ok(())
}
