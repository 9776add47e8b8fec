//! Kernels for runs side by side: each replica's results have the bits that it has alone.
use crate::{harness::kernel, support::Random};
use bytemuck::{bytes_of, cast_slice};
use ferrotape_kernels::{
    Layout, Shape,
    activation::{self, Activation},
    conv2d::{self, Conv2d, Epilogue},
    cross_entropy::{self, CrossEntropy},
    cuda::{Arg, Launch, Launches, RangeState, Refusal, RunState},
    dropout::{self, Dropout},
    gather::{self, Gather, Input},
    linear::{self, Linear},
    max_pool2d::MaxPool2d,
    optim::{self, Adam},
    reduce,
};
use ptx_machine::{Memory, Options};

const REPLICAS: usize = 4;

/// What lies at the address of an argument: for each replica its bytes, or, of an output, how many nobody has written.
enum Lies {
    Given(Vec<Vec<u8>>),
    /// What all replicas share.
    Shared(Vec<u8>),
    Output(usize),
    Scratch(usize),
}

impl Lies {
    fn numbers(random: &mut Random, n: usize) -> Self {
        Lies::Given((0..REPLICAS).map(|_| cast_slice(&random.numbers(n)).to_vec()).collect())
    }

    fn words(n: usize, word: impl Fn(usize, usize) -> usize) -> Self {
        let words = |r| (0..n).map(|i| word(r, i) as u32).collect::<Vec<_>>();
        Lies::Given((0..REPLICAS).map(|r| cast_slice(&words(r)).to_vec()).collect())
    }

    fn output(n: usize) -> Self {
        Lies::Output(4 * n)
    }

    fn bytes(&self) -> usize {
        match self {
            Lies::Given(each) => each[0].len(),
            Lies::Shared(bytes) => bytes.len(),
            Lies::Output(bytes) | Lies::Scratch(bytes) => *bytes,
        }
    }

    fn distance(&self) -> usize {
        if matches!(self, Lies::Shared(_)) { 0 } else { self.bytes().next_multiple_of(256) }
    }
}

/// The bytes behind every argument, for some of the replicas, in the memory of a machine.
struct Device<'a> {
    memory: Memory,
    places: Vec<(Arg, u64, &'a Lies)>,
    replicas: usize,
}

impl<'a> Device<'a> {
    fn new(arguments: &'a [(Arg, Lies)], replicas: std::ops::Range<usize>) -> Self {
        let memory = Memory::new(1 << 28);
        let place = |(arg, lies): &'a (Arg, Lies)| {
            let bytes = lies.distance() * (replicas.len() - 1) + lies.bytes().max(4);
            let at = memory.alloc(bytes as u64, &format!("{arg:?}")).unwrap();
            let write =
                |k: usize, bytes: &[u8]| memory.write(at + (k * lies.distance()) as u64, bytes).unwrap();
            match lies {
                Lies::Given(each) => replicas.clone().enumerate().for_each(|(k, r)| write(k, &each[r])),
                Lies::Shared(bytes) => write(0, bytes),
                Lies::Output(_) | Lies::Scratch(_) => {}
            }
            (*arg, at, lies)
        };
        Self { places: arguments.iter().map(place).collect(), replicas: replicas.len(), memory }
    }

    fn find(&self, arg: Arg) -> (u64, &Lies) {
        let (arg, offset) = if let Arg::Scratch(at) = arg { (Arg::Scratch(0), at) } else { (arg, 0) };
        let found = self.places.iter().find(|(known, ..)| *known == arg);
        let &(_, at, lies) = found.unwrap_or_else(|| panic!("{arg:?} is not given"));
        (at + offset as u64, lies)
    }

    /// Runs it, in the text that is right for so many replicas.
    fn launch(&self, launch: &Launch) -> ptx_machine::Counters {
        let together;
        let launch = if self.replicas == 1 {
            launch
        } else {
            together = launch.side_by_side(self.replicas as u32, |arg| self.find(arg).1.distance() as u32);
            &together
        };
        let kernel = kernel(&launch.text, &launch.entry);
        let mut block = vec![0; kernel.param_bytes() as usize];
        for (param, &arg) in kernel.params().iter().zip(&launch.args) {
            let bytes = match arg {
                Arg::U32(x) => x.to_le_bytes().to_vec(),
                Arg::U64(x) => x.to_le_bytes().to_vec(),
                Arg::F32(x) => x.to_le_bytes().to_vec(),
                Arg::F64(x) => x.to_le_bytes().to_vec(),
                address => self.find(address).0.to_le_bytes().to_vec(),
            };
            assert_eq!(param.bytes as usize, bytes.len());
            block[param.offset as usize..][..bytes.len()].copy_from_slice(&bytes);
        }
        assert_eq!(kernel.params().len(), launch.args.len());
        let &Launch { grid, block: threads, shared, .. } = launch;
        let on = ptx_machine::Launch { grid, block: threads, shared, cooperative: false };
        ptx_machine::run(&kernel, &on, &block, &self.memory, &Options::default())
            .unwrap_or_else(|fault| panic!("{}: {fault}", launch.text.name()))
    }

    /// What lies there now for the `k`-th of its replicas.
    fn read(&self, k: usize) -> Vec<(Arg, Vec<u8>)> {
        let seen = self.places.iter().filter(|(.., lies)| !matches!(lies, Lies::Scratch(_)));
        seen.map(|&(arg, at, lies)| {
            let mut bytes = vec![0; lies.bytes()];
            self.memory.read(at + (k * lies.distance()) as u64, &mut bytes).unwrap();
            (arg, bytes)
        })
        .collect()
    }
}

/// Runs `launches` for all replicas at once and for each of them alone: the same bits, and the work of as many.
#[track_caller]
fn check(launches: Launches, mut arguments: Vec<(Arg, Lies)>) {
    if launches.scratch > 0 {
        arguments.push((Arg::Scratch(0), Lies::Scratch(launches.scratch)));
    }
    let count = |device: &Device| -> Vec<u64> {
        launches.list.iter().map(|launch| device.launch(launch).warp_instructions()).collect()
    };
    let together = Device::new(&arguments, 0..REPLICAS);
    let counted = count(&together);
    let mut alone = vec![0; counted.len()];
    let mut results = Vec::new();
    for r in 0..REPLICAS {
        let device = Device::new(&arguments, r..r + 1);
        alone.iter_mut().zip(count(&device)).for_each(|(sum, n)| *sum += n);
        results.push(device.read(0));
        assert!(together.read(r) == results[r], "replica {r} of {}", launches.list[0].entry);
    }
    assert!(results[0] != results[1], "replicas that cannot be told apart show nothing");
    for ((together, alone), launch) in counted.into_iter().zip(alone).zip(&launches.list) {
        // What a warp does more: three instructions for its replica, two for each address.
        let threads = launch.block.iter().product::<u32>();
        let warps = u64::from(launch.grid.iter().product::<u32>() * threads.div_ceil(32)) * REPLICAS as u64;
        let more = (3 + 2 * launch.args.len() as u64) * warps;
        assert!((alone..=alone + more).contains(&together), "{}: {together} for {alone}", launch.entry);
    }
}

#[test]
fn a_static_kernel() {
    let mut random = Random::new(1);
    for n in [5, 1025] {
        let x = Lies::numbers(&mut random, n);
        check(
            activation::cuda::forward(Activation::Relu, n),
            vec![(Arg::X(0), x), (Arg::Y(0), Lies::output(n))],
        );
    }
}

/// Their grids are deep: parts of a product, output channels of a convolution.
#[test]
fn kernels_that_use_their_own_z() {
    let mut random = Random::new(2);
    let s = Linear { n: 3, fan_in: 3072, fan_out: 32 };
    let launches = linear::cuda::forward(&s);
    assert!(launches.list[0].grid[2] > 1, "{:?}", launches.list[0].grid);
    let [x, w, b] = [3 * 3072, 3072 * 32, 32].map(|n| Lies::numbers(&mut random, n));
    check(launches, vec![(Arg::X(0), x), (Arg::X(1), w), (Arg::X(2), b), (Arg::Y(0), Lies::output(3 * 32))]);

    let s = Conv2d { n: 2, ci: 3, h: 8, w: 9, co: 12, kh: 3, kw: 3, stride: 1, padding: 0 };
    let [x, w, b, g] =
        [s.x().len(), s.weight().len(), s.co, s.y().len()].map(|n| Lies::numbers(&mut random, n));
    let pool = Some(MaxPool2d::new(&s.y(), 2, 2).unwrap());
    let pooled = s.n * s.co * (s.oh() / 2) * (s.ow() / 2);
    let epilogue = Epilogue { activation: Some(Activation::Relu), pool };
    let outputs = [0, 1].map(|j| (Arg::Y(j), Lies::output(pooled)));
    let operands = [(Arg::X(0), x), (Arg::X(1), w), (Arg::X(2), b)];
    check(conv2d::cuda::block(&s, &epilogue, true), operands.into_iter().chain(outputs).collect());
    let x = Lies::numbers(&mut random, s.x().len());
    let wgrad = conv2d::cuda::wgrad(&s);
    check(wgrad, vec![(Arg::X(0), x), (Arg::X(1), g), (Arg::Y(0), Lies::output(s.weight().len()))]);
}

/// Every replica draws its own mask: seed and step are its own.
#[test]
fn dropout_of_each_seed() {
    let n = 100;
    let runs = (0..REPLICAS).map(|r| RunState { step: 3, seed: 7 + r as u64, lr: 0.1 });
    let launches = dropout::cuda::forward(&Dropout::new(0.4, 1).unwrap(), &Shape::from([n]), Layout::Rows);
    let same = Lies::Given(vec![cast_slice(&[1f32; 100]).to_vec(); REPLICAS]);
    let run = Lies::Given(runs.map(|run| bytes_of(&run).to_vec()).collect());
    check(launches, vec![(Arg::X(0), same), (Arg::Run, run), (Arg::Y(0), Lies::output(n))]);
}

/// One data set for all, indices and labels of each.
#[test]
fn batches_out_of_one_data_set() {
    let s = Gather::new(Input::Rgb, [3, 4, 4], 5).unwrap();
    let pixels: Vec<u8> = (0..9 * s.record()).map(|i| (i * 37 + i / 256) as u8).collect();
    let refusal = Lies::Given(vec![bytes_of(&Refusal::default()).to_vec(); REPLICAS]);
    check(
        gather::cuda::batch(&s, 9),
        vec![
            (Arg::X(0), Lies::Shared(pixels)),
            (Arg::Labels(0), Lies::Shared((0..9).collect())),
            (Arg::X(1), Lies::words(5, |r, i| (2 * r + 3 * i) % 9)),
            (Arg::Refusal, refusal),
            (Arg::Y(0), Lies::output(s.y().len())),
            (Arg::Y(1), Lies::output(5)),
        ],
    );
}

#[test]
fn losses_and_their_gradients() {
    let s = CrossEntropy { n: 6, classes: 10 };
    let logits = Lies::numbers(&mut Random::new(3), 60);
    let refusal = Lies::Given(vec![bytes_of(&Refusal::default()).to_vec(); REPLICAS]);
    let labels = Lies::words(6, |r, i| (r + i) % 10);
    let launches = cross_entropy::cuda::forward(&s);
    let outputs = [(Arg::Y(0), Lies::output(1)), (Arg::Y(1), Lies::output(60))];
    let operands = [(Arg::X(0), logits), (Arg::X(1), labels), (Arg::Refusal, refusal)];
    check(launches, operands.into_iter().chain(outputs).collect());
    let x = Lies::numbers(&mut Random::new(4), 5000);
    check(reduce::cuda::l2_norm(5000), vec![(Arg::X(0), x), (Arg::Y(0), Lies::output(1))]);
}

/// Values, moments and counters of each replica, at its own rate.
#[test]
fn updates() {
    let (n, mut random) = (300, Random::new(5));
    let [values, grads, first] = [(); 3].map(|()| Lies::numbers(&mut random, n));
    let zeros = Lies::Given(vec![vec![0; 4 * n]; REPLICAS]);
    let states = (0..REPLICAS as u64).map(|r| {
        let run = RunState { step: r + 1, seed: 0, lr: 0.01 * (r + 1) as f64 };
        let range = RangeState { updates: r, lr_scale: 0.5, ..RangeState::default() };
        (bytes_of(&run).to_vec(), bytes_of(&range).to_vec())
    });
    let (runs, ranges) = states.unzip();
    check(
        optim::cuda::adam(&Adam::default(), n),
        vec![
            (Arg::Values, values),
            (Arg::Grads, grads),
            (Arg::Moment(0), first),
            (Arg::Moment(1), zeros),
            (Arg::Run, Lies::Given(runs)),
            (Arg::Range, Lies::Given(ranges)),
            (Arg::Step, Lies::Given((0..REPLICAS as u64).map(|r| (r + 1).to_le_bytes().to_vec()).collect())),
        ],
    );
}
