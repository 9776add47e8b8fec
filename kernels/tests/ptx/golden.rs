//! What the builder makes for one layer of each kind lies beside its family, to be read, and to be seen changing.
//! `UPDATE_GOLDEN=1` writes it anew.
use ferrotape_kernels::{
    activation::Activation,
    conv2d::{self, Conv2d, Epilogue},
    cuda::{Launches, Text},
    gather::{Gather, Input},
    linear::{self, Linear},
    max_pool2d::MaxPool2d,
};
use std::{env, fs, path::Path};

/// Compares what was made for `launches` with `<family>/ptx/golden/`.
#[track_caller]
fn check(family: &str, launches: &Launches) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(family).join("ptx/golden");
    for launch in &launches.list {
        let Text::Made(name, ptx) = &launch.text else { continue };
        let path = folder.join(&**name);
        if env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &**ptx).unwrap();
        }
        let golden = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let first = golden.lines().zip(ptx.lines()).position(|(old, new)| old != new);
        assert!(
            golden == **ptx,
            "{}:{}: not what the builder makes; if it is better now: UPDATE_GOLDEN=1",
            path.display(),
            first.unwrap_or(0) + 1
        );
    }
}

/// The first layer of the multilayer perceptrons: K is split.
#[test]
fn fully_connected() {
    let s = Linear { n: 50, fan_in: 3072, fan_out: 32 };
    check("matmul", &linear::cuda::forward(&s));
    check("matmul", &linear::cuda::dgrad(&s));
    check("matmul", &linear::cuda::wgrad(&s));
    check("matmul", &linear::cuda::gradients(&Linear { n: 50, fan_in: 32, fan_out: 10 }));
}

/// The second layer of cnn_4.
#[test]
fn convolution() {
    let s = Conv2d { n: 50, ci: 16, h: 30, w: 30, co: 8, kh: 3, kw: 3, stride: 1, padding: 0 };
    let relu = Epilogue { activation: Some(Activation::Relu), pool: None };
    check("conv2d", &conv2d::cuda::block(&s, &relu, false));
    check("conv2d", &conv2d::cuda::dgrad(&s));
    let wgrad = conv2d::cuda::wgrad(&s);
    check("conv2d", &Launches { list: wgrad.list[..1].to_vec(), ..wgrad });
}

/// The first layer of cnn_5, as it is validated.
#[test]
fn convolution_of_records() {
    let g = Gather::new(Input::Signed, [3, 32, 32], 5000).unwrap();
    let s = Conv2d { n: 5000, ci: 3, h: 32, w: 32, co: 8, kh: 3, kw: 3, stride: 1, padding: 0 };
    let relu = Epilogue { activation: Some(Activation::Relu), pool: None };
    check("conv2d", &conv2d::cuda::gathered(&g, 60_000, &s, &relu));
}

/// The last layer of cnn_5.
#[test]
fn pooled_convolution() {
    let s = Conv2d { n: 50, ci: 16, h: 10, w: 10, co: 8, kh: 3, kw: 3, stride: 1, padding: 0 };
    let pool = MaxPool2d::new(&s.y(), 2, 2).ok();
    check("conv2d", &conv2d::cuda::block(&s, &Epilogue { activation: Some(Activation::Relu), pool }, true));
}
