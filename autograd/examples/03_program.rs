//! The training step of a small convolutional network, printed: what is computed, where from, and what it costs.
//!
//! ```text
//! recorded training tape: 18 instructions, 406.8 kFLOP, 171.6 kB of buffers
//!   value                                       type                                               work  traffic  kernel  line
//! fed at each run
//!   %0                                          [50, 1, 8, 8]
//!   %1                                          [50] u32
//! parameters
//!   conv.weight                                 [4, 1, 3, 3] hwio
//!   conv.bias                                   [4]
//!   fc.weight                                   [10, 36] in_out
//!   fc.bias                                     [10]
//! forward
//!   %4 = relayout(%0)                           [50, 1, 8, 8] nhwc                                       25.6 kB          autograd/examples/03_program.rs:59
//!   %5 = conv2d(%4, conv.weight, conv.bias)     [50, 4, 6, 6] nhwc                          129.6 kFLOP  41.8 kB          autograd/examples/03_program.rs:59
//!   %6 = relu(%5)                               [50, 4, 6, 6] nhwc                            7.2 kFLOP  57.6 kB          autograd/examples/03_program.rs:59
//!   %7, %8 = max_pool2d(%6)                     [50, 4, 3, 3] nhwc, [50, 4, 3, 3] u32 nhwc    7.2 kFLOP  43.2 kB          autograd/examples/03_program.rs:59
//!   %9 = flatten(%7)                            [50, 36]                                                 14.4 kB          autograd/examples/03_program.rs:60
//!   %12 = linear(%9, fc.weight, fc.bias)        [50, 10]                                     36.0 kFLOP  10.7 kB          autograd/examples/03_program.rs:60
//!   %13, %14 = cross_entropy(%12, %1)           [], [50, 10]                                  2.1 kFLOP   4.2 kB          autograd/examples/03_program.rs:61
//! backward
//!   %15 = fill()                                []                                                           4 B          autograd/examples/03_program.rs:62
//!   %16 = cross_entropy_grad(%14, %1, %15)      [50, 10]                                      1.0 kFLOP   4.2 kB          autograd/examples/03_program.rs:61
//!   %17 = linear_dgrad(%16, fc.weight)          [50, 36]                                     36.0 kFLOP  10.6 kB          autograd/examples/03_program.rs:60
//!   %18 = linear_wgrad(%9, %16)                 [10, 36] in_out                              36.0 kFLOP  10.6 kB          autograd/examples/03_program.rs:60
//!   %19 = channel_sum(%16)                      [10]                                           500 FLOP   2.0 kB          autograd/examples/03_program.rs:60
//!   %20 = unflatten(%17)                        [50, 4, 3, 3] nhwc                                       14.4 kB          autograd/examples/03_program.rs:60
//!   %21 = max_pool2d_grad(%20, %8)              [50, 4, 6, 6] nhwc                            1.8 kFLOP  43.2 kB          autograd/examples/03_program.rs:59
//!   %22 = relu_grad(%6, %21)                    [50, 4, 6, 6] nhwc                            7.2 kFLOP  86.4 kB          autograd/examples/03_program.rs:59
//!   %23 = conv2d_wgrad(%4, %22)                 [4, 1, 3, 3] hwio                           129.6 kFLOP  41.7 kB          autograd/examples/03_program.rs:59
//!   %24 = channel_sum(%22)                      [4]                                           7.2 kFLOP  28.8 kB          autograd/examples/03_program.rs:59
//! update
//!   adam(conv.weight, … fc.bias: 4 parameters)                                                5.3 kFLOP  11.5 kB          autograd/examples/03_program.rs:62
//!
//! saved for backward
//!   %4   of relayout       12800 B  for conv2d_wgrad
//!   %6   of relu           28800 B  for relu_grad
//!   %8   of max_pool2d      7200 B  for max_pool2d_grad
//!   %9   of flatten         7200 B  for linear_wgrad
//!   %14  of cross_entropy   2000 B  for cross_entropy_grad
//! ```
//!
//! Each line: a value and the operation that makes it, shape (and layout, where that is not row by row), floating-point
//! operations, bytes moved, and the line it comes from: of a gradient, that of its forward operation.
use ferrotape_autograd::{Adam, Layout, Params, Phase, Tape};

fn main() {
    let params = Params::default();
    let fill = |n: usize| (0..n).map(|k| (k as f32).sin() / 3.0).collect::<Vec<_>>();
    let w1 = params.add("conv.weight", [4, 1, 3, 3], Layout::Hwio, &fill(36));
    let b1 = params.add("conv.bias", [4], Layout::Rows, &[0.0; 4]);
    let w2 = params.add("fc.weight", [10, 36], Layout::InOut, &fill(360));
    let b2 = params.add("fc.bias", [10], Layout::Rows, &[0.0; 10]);

    // A tape that only records: shapes are checked, nothing is computed. Images and labels come with each run.
    let tape = Tape::recording(&params);
    let (images, labels) = (tape.feed([50, 1, 8, 8]), tape.feed_u32(50));
    let maps = images.conv2d(tape.param(w1), tape.param(b1), 1, 0).relu().max_pool2d(2, 2);
    let logits = maps.flatten().linear(tape.param(w2), tape.param(b2));
    let loss = logits.cross_entropy(labels);
    loss.backward().step(Adam::default());
    println!("{tape}");

    // The program is data. What the forward pass must keep for the backward pass is what both know:
    println!("saved for backward");
    let code = tape.code();
    let (forward, backward): (Vec<_>, Vec<_>) =
        code.instructions().iter().partition(|i| i.phase == Phase::Forward);
    for (maker, value) in forward.iter().flat_map(|i| i.y.iter().map(move |y| (i.name(), y))) {
        let readers: Vec<_> = backward.iter().filter(|i| i.x.contains(value)).map(|i| i.name()).collect();
        if !readers.is_empty() {
            let ty = code.slot(*value).ty;
            println!("  {value:<4} of {maker:<13} {:>6} B  for {}", ty.bytes(), readers.join(", "));
        }
    }
}
