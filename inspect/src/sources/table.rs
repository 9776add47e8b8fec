//! Which files an operation is written in. What is embedded are the files as they were compiled.

/// A file of the repository.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path.
    pub path: &'static str,
    /// What is in it.
    pub text: &'static str,
}

/// The operations of one file, and the kernels that they call.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Types, as [`ferrotape_autograd::ops::NAMES`] has them; updates by their names.
    pub types: &'static [&'static str],
    /// Where they are defined.
    pub file: File,
    /// Definitions.
    pub reference: &'static [File],
    /// SIMD kernels; none where the definition is the kernel.
    pub simd: &'static [File],
    /// What launches the GPU kernels, or makes them.
    pub gpu: &'static [File],
}

macro_rules! file {
    ($path:expr) => {
        File { path: $path, text: include_str!(concat!("../../../", $path)) }
    };
}

macro_rules! kernels {
    ($($path:literal)*) => { &[$(file!(concat!("kernels/src/", $path, ".rs"))),*] };
}

macro_rules! table {
    ($($path:literal [$($ty:literal)+]: [$($reference:literal)*] [$($simd:literal)*] [$($gpu:literal)*])+) => {
        /// All of them.
        pub const TABLE: &[Entry] = &[$(Entry {
            types: &[$($ty),+],
            file: file!(concat!("autograd/src/", $path, ".rs")),
            reference: kernels!($($reference)*),
            simd: kernels!($($simd)*),
            gpu: kernels!($($gpu)*),
        }),+];
    };
}

// File [types]: [definitions] [SIMD kernels] [GPU kernels]
table! {
    "ops/add" ["Add" "ChannelSum"]:
        ["elementwise/reference" "reduce/reference"] ["elementwise/cpu" "reduce/cpu"] ["elementwise/cuda" "reduce/cuda"]
    "ops/conv2d" ["Conv2d" "Conv2dDgrad" "Conv2dWgrad"]:
        ["conv2d/reference"]
        ["conv2d/cpu/mod" "conv2d/cpu/forward" "conv2d/cpu/dgrad" "conv2d/cpu/wgrad" "conv2d/cpu/panel"]
        ["conv2d/cuda/mod" "conv2d/cuda/direct" "conv2d/cuda/wgrad"]
    "ops/conv2d_block" ["Conv2dBlock"]:
        ["conv2d/reference" "activation/reference" "max_pool2d/reference"]
        ["conv2d/cpu/mod" "conv2d/cpu/forward" "conv2d/cpu/panel"]
        ["conv2d/cuda/mod" "conv2d/cuda/direct" "conv2d/cuda/pool"]
    "ops/conv2d_upstream" ["Conv2dUpstream"]:
        ["activation/reference" "max_pool2d/reference" "reduce/reference"] ["upstream/cpu"] ["upstream/cuda"]
    "ops/count_correct" ["CountCorrect"]:
        ["count_correct/reference"] ["count_correct/cpu"] ["count_correct/cuda"]
    "ops/cross_entropy" ["CrossEntropy" "CrossEntropyGrad"]:
        ["cross_entropy/reference"] ["cross_entropy/cpu"] ["cross_entropy/cuda"]
    "ops/cross_entropy_block" ["CrossEntropyBlock"]:
        ["cross_entropy/reference" "reduce/reference" "count_correct/reference"] ["cross_entropy/cpu"] ["cross_entropy/cuda"]
    "ops/dropout" ["Dropout"]:
        ["dropout/reference"] ["dropout/cpu"] ["dropout/cuda"]
    "ops/fill" ["Fill"]:
        [] [] ["elementwise/cuda"]
    "ops/flatten" ["Flatten" "Unflatten"]:
        ["layout/reference"] ["layout/cpu"] ["layout/cuda"]
    "ops/gather" ["Gather"]:
        ["gather/reference"] ["gather/cpu"] ["gather/cuda"]
    "ops/gather_conv2d" ["GatherConv2d"]:
        ["gather/reference" "conv2d/reference"] [] ["conv2d/cuda/mod" "conv2d/cuda/records" "conv2d/cuda/direct"]
    "ops/l2_norm" ["L2Norm" "L2NormGrad"]:
        ["reduce/reference"] ["reduce/cpu"] ["reduce/cuda"]
    "ops/leaky_relu" ["LeakyRelu" "LeakyReluGrad"]:
        ["activation/reference"] ["activation/cpu"] ["activation/cuda"]
    "ops/linear" ["Linear" "LinearDgrad" "LinearWgrad"]:
        ["linear/reference"] ["linear/cpu" "matmul/cpu"] ["linear/cuda" "matmul/cuda/gemm"]
    "ops/linear_block" ["LinearBlock"]:
        ["linear/reference" "activation/reference"] ["linear/cpu" "matmul/cpu"] ["linear/cuda" "matmul/cuda/gemm"]
    "ops/linear_gradients" ["LinearGradients"]:
        ["linear/reference"] ["linear/cpu" "matmul/cpu"] ["linear/cuda" "matmul/cuda/pair" "matmul/cuda/gemm"]
    "ops/linear_upstream" ["LinearUpstream"]:
        ["activation/reference" "reduce/reference"] ["upstream/cpu"] ["upstream/cuda"]
    "ops/matmul" ["Matmul"]:
        ["matmul/reference"] ["matmul/cpu"] ["matmul/cuda/mod" "matmul/cuda/gemm"]
    "ops/max_pool2d" ["MaxPool2d" "MaxPool2dGrad"]:
        ["max_pool2d/reference"] ["max_pool2d/cpu"] ["max_pool2d/cuda"]
    "ops/mean" ["Mean"]:
        ["reduce/reference"] ["reduce/cpu"] ["reduce/cuda"]
    "ops/mse" ["Mse" "MseGrad"]:
        ["mse/reference"] [] ["mse/cuda"]
    "ops/mul" ["Mul"]:
        ["elementwise/reference"] ["elementwise/cpu"] ["elementwise/cuda"]
    "ops/neg" ["Neg"]:
        ["elementwise/reference"] ["elementwise/cpu"] ["elementwise/cuda"]
    "ops/relayout" ["Relayout"]:
        ["layout/reference"] ["layout/cpu"] ["layout/cuda"]
    "ops/relu" ["Relu" "ReluGrad"]:
        ["activation/reference"] ["activation/cpu"] ["activation/cuda"]
    "ops/reshape" ["Reshape"]:
        ["layout/reference"] [] ["layout/cuda"]
    "ops/scale" ["Scale"]:
        ["elementwise/reference"] ["elementwise/cpu"] ["elementwise/cuda"]
    "ops/sigmoid" ["Sigmoid" "SigmoidGrad"]:
        ["activation/reference"] ["activation/cpu"] ["activation/cuda"]
    "ops/sub" ["Sub"]:
        ["elementwise/reference"] ["elementwise/cpu"] ["elementwise/cuda"]
    "ops/sum" ["Sum" "Expand"]:
        ["reduce/reference"] ["reduce/cpu"] ["reduce/cuda"]
    "ops/sum_of_squares" ["SumOfSquares" "SumOfSquaresGrad"]:
        ["reduce/reference"] ["reduce/cpu"] ["reduce/cuda"]
    "ops/tanh" ["Tanh" "TanhGrad"]:
        ["activation/reference"] ["activation/cpu"] ["activation/cuda"]
    "ops/transpose" ["Transpose"]:
        ["layout/reference"] ["layout/cpu"] ["layout/cuda"]
    "update/adam" ["adam"]:
        ["optim/reference"] ["optim/cpu"] ["optim/cuda"]
    "update/sgd" ["sgd"]:
        ["optim/reference"] ["optim/cpu"] ["optim/cuda"]
}
