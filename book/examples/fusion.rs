//! A small convolutional network's step: as recorded, and as compiled.
use ferrotape_autograd::{Cpu, Device, Isa, Layout, Params, Rewrites, Sgd, Tape};
use ferrotape_kernels::Pool;

fn main() {
    let params = Params::seeded(1);
    let cw = params.add("conv.weight", [8, 3, 3, 3], Layout::Hwio, &[0.1; 216]);
    let cb = params.add("conv.bias", [8], Layout::Rows, &[0.0; 8]);
    let fw = params.add("fc.weight", [10, 72], Layout::InOut, &[0.1; 720]);
    let fb = params.add("fc.bias", [10], Layout::Rows, &[0.0; 10]);

    // The portable kernels on one thread, so that this prints the same everywhere.
    let cpu = Cpu::with_isa(&Pool::new(1), Isa::Scalar).expect("every processor has it");
    let tape = Tape::recording(&params).with_device(Device::CpuWith(cpu));
    let x = tape.feed_in([50, 3, 8, 8], Layout::Nhwc);
    let labels = tape.feed_u32(50);
    let y = x.conv2d(tape.param(cw), tape.param(cb), 1, 0).relu().max_pool2d(2, 2);
    let loss = y.flatten().linear(tape.param(fw), tape.param(fb)).cross_entropy(labels);
    loss.backward().step(Sgd::default());
    println!("{tape}");
    // A small network is one chain only if nothing is asked of a chain's size.
    let program = tape.compile_with(&[loss], Rewrites { chain: Some(0), ..Rewrites::ALL });
    println!("{program}");
}
