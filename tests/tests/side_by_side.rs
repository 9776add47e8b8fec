//! Several trainings side by side: each has the bits that it has alone, on every machine.
use ferrotape_autograd::{Adam, Device, Error, Feed, Input, Outputs, Params, Part, Sequence, Sgd, Tape, Var};
use ferrotape_nn::{
    Module, Sequential, Step,
    models::{Layer, Network, Variant},
};
use ferrotape_tests::{Task, noise, recorded};
use std::{
    array,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, MutexGuard, PoisonError},
};

const IMAGES: usize = 24;
const STORES: usize = 3;

const MLP: Network =
    Network::new("mlp", &[Layer::Fc { units: 12, bias: true }, Layer::Act, Layer::Dropout(0.3)]);
const CNN: Network = Network::new("cnn", &[Layer::Conv { kernel: 3, channels: 4 }, Layer::Act, Layer::Pool]);

/// What the PTX machine counts is of the whole process: its tests run one by one.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The processor, its definitions, and a GPU where there is one.
fn devices() -> Vec<Device> {
    let devices = [Device::Cpu, Device::Reference].into_iter();
    #[cfg(feature = "cuda")]
    let devices = devices.chain(ferrotape_autograd::check::gpu());
    devices.collect()
}

fn task(device: Device) -> Task {
    Task { source: noise(IMAGES, [3, 8, 8]), input: Input::Rgb, device }
}

/// A training: parameters from a seed of its own, at a rate of its own.
fn built(network: &Network, k: usize) -> (Params, Sequential) {
    let params = Params::seeded(11 + k as u64);
    let model = network.build(&params, &Variant { image: [3, 8, 8], ..Variant::default() });
    params.set_lr(0.001 * (k + 1) as f64);
    (params, model)
}

/// Batches of training `k`, from its step `from` on.
fn batches(k: usize, from: usize) -> [[u32; 4]; 2] {
    array::from_fn(|b| array::from_fn(|i| ((5 * (from + b) + 7 * i + 3 * k) % IMAGES) as u32))
}

fn evaluation<'m>(
    task: &'m Task,
    model: &'m Sequential,
) -> Step<impl for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>> + 'm> {
    let step = Step::evaluation(move |tape, n| {
        let (x, labels) = tape.batch(&task.source, task.input, n);
        let logits = model.forward(x);
        // The loss is kept twice: the second one is a copy.
        let loss = logits.cross_entropy(labels);
        vec![loss, logits, loss]
    });
    step.on(task.device.clone())
}

/// Two steps and a validation, in one sequence.
struct Trainer<'m, T, V> {
    steps: Step<T>,
    validation: Step<V>,
    sequence: Sequence,
    images: &'m [u32],
}

impl<T, V> Trainer<'_, T, V>
where
    T: for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>,
    V: for<'t> Fn(&'t Tape<'t>, usize) -> Vec<Var<'t>>,
{
    /// For `stores`, the trainings `which`: what each keeps. `first` is the store that it was made with.
    fn run(
        &mut self,
        first: &Params,
        stores: &[&Params],
        which: &[usize],
        from: usize,
    ) -> Result<Vec<Vec<u32>>, Error> {
        let fed: Vec<[[u32; 4]; 2]> = which.iter().map(|&k| batches(k, from)).collect();
        let feeds: Vec<Feed<'_>> = fed.iter().flatten().map(|batch| Feed::U32(batch)).collect();
        let checks: Vec<Feed<'_>> = which.iter().flat_map(|_| self.images.chunks(8).map(Feed::U32)).collect();
        let mut parts = [
            Part { program: self.steps.program(first, 4)?, runs: 2, feeds: &feeds },
            Part { program: self.validation.program(first, 8)?, runs: IMAGES / 8, feeds: &checks },
        ];
        let kept = self.sequence.run_side_by_side(stores, &mut parts)?;
        Ok(kept.iter().map(|parts| parts.iter().flatten().flat_map(bits).collect()).collect())
    }
}

fn bits(outputs: &Outputs) -> Vec<u32> {
    (0..outputs.len()).flat_map(|k| outputs.values(k)).map(|v| v.to_bits()).collect()
}

/// A trainer for `model`.
macro_rules! trainer {
    ($task:expr, $model:expr, $images:expr) => {
        Trainer {
            steps: recorded($task, $model, Adam::default()),
            validation: evaluation($task, $model),
            sequence: Sequence::default(),
            images: $images,
        }
    };
}

/// What a training keeps and where it ends.
#[derive(Debug, PartialEq)]
struct Trained {
    kept: Vec<Vec<u32>>,
    digest: u64,
    moments: Vec<Vec<f32>>,
    steps: u64,
}

impl Trained {
    fn new(kept: Vec<Vec<u32>>, params: &Params) -> Self {
        let data = params.data();
        Self { kept, digest: params.digest(), moments: data.moments.clone(), steps: data.step }
    }
}

/// Three times two steps and a validation; without `lost` from the second time on, which stays as it is.
fn check(network: &Network, device: &Device, lost: Option<usize>) -> Result<(), Error> {
    let task = task(device.clone());
    let images: Vec<u32> = (0..IMAGES as u32).collect();
    let times = |k: usize| if lost == Some(k) { 1 } else { 3 };
    let mut alone = Vec::new();
    for k in 0..STORES {
        let (params, model) = built(network, k);
        let mut trainer = trainer!(&task, &model, &images);
        let mut kept = Vec::new();
        for time in 0..times(k) {
            kept.extend(trainer.run(&params, &[&params], &[k], 2 * time)?);
        }
        alone.push(Trained::new(kept, &params));
    }
    let all: Vec<(Params, Sequential)> = (0..STORES).map(|k| built(network, k)).collect();
    let mut trainer = trainer!(&task, &all[0].1, &images);
    let mut kept = vec![Vec::new(); STORES];
    for time in 0..3 {
        let which: Vec<usize> = (0..STORES).filter(|&k| time < times(k)).collect();
        let stores: Vec<&Params> = which.iter().map(|&k| &all[k].0).collect();
        for (&k, outputs) in which.iter().zip(trainer.run(&all[0].0, &stores, &which, 2 * time)?) {
            kept[k].push(outputs);
        }
    }
    let running: Vec<&Params> = (0..STORES).filter(|&k| lost != Some(k)).map(|k| &all[k].0).collect();
    Params::bring_all_home(&running);
    let together: Vec<Trained> =
        kept.into_iter().zip(&all).map(|(kept, (params, _))| Trained::new(kept, params)).collect();
    assert_eq!(together, alone, "{} on {device:?} without {lost:?}", network.name);
    assert_ne!(alone[0].digest, alone[1].digest);
    Ok(())
}

#[test]
fn each_has_the_bits_that_it_has_alone() -> Result<(), Error> {
    let _one = alone();
    for device in devices() {
        check(&MLP, &device, None)?;
        check(&CNN, &device, None)?;
    }
    Ok(())
}

/// Also the first, with which the programs were recorded.
#[test]
fn the_others_go_on_without_one() -> Result<(), Error> {
    let _one = alone();
    for device in devices() {
        for lost in 0..STORES {
            check(&MLP, &device, Some(lost))?;
        }
    }
    Ok(())
}

/// Values that the host sets between two runs, and a run of one store in between.
#[test]
fn a_store_may_be_changed_and_run_by_itself() -> Result<(), Error> {
    let _one = alone();
    let digests = |device: &Device, together: bool| -> Result<Vec<u64>, Error> {
        let task = task(device.clone());
        let images: Vec<u32> = (0..IMAGES as u32).collect();
        let all: Vec<(Params, Sequential)> = (0..STORES).map(|k| built(&MLP, k)).collect();
        let mut trainer = trainer!(&task, &all[0].1, &images);
        let mut single: Vec<_> =
            all.iter().map(|(_, model)| recorded(&task, model, Adam::default())).collect();
        let mut both = |from| -> Result<(), Error> {
            let stores: Vec<&Params> = all.iter().map(|(params, _)| params).collect();
            if together {
                trainer.run(stores[0], &stores, &[0, 1, 2], from)?;
                return Ok(());
            }
            for (k, (step, params)) in single.iter_mut().zip(stores).enumerate() {
                batches(k, from).iter().try_for_each(|batch| step.run(params, batch).map(drop))?;
            }
            Ok(())
        };
        both(0)?;
        let (params, model) = &all[1];
        let first = params.ids().next().expect("a layer");
        let halved: Vec<f32> = params.values(first).iter().map(|w| w / 2.0).collect();
        params.set(first, &halved);
        both(2)?;
        let mut turned = all[2].0.snapshot();
        let digest = all[2].0.digest();
        turned.values.iter_mut().for_each(|v| *v = -*v);
        all[2].0.restore(turned);
        both(4)?;
        let mut more = recorded(&task, model, Adam::default());
        let before: Vec<u64> = all.iter().map(|(params, _)| params.digest()).collect();
        more.run(params, &[1, 2, 3, 4])?;
        let after = all.iter().map(|(params, _)| params.digest());
        Ok(before.into_iter().chain(after).chain([digest]).collect())
    };
    for device in devices() {
        assert_eq!(digests(&device, true)?, digests(&device, false)?, "{device:?}");
    }
    Ok(())
}

/// The text of a panic.
fn panic_of<T>(f: impl FnOnce() -> T) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).err().expect("a panic");
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref().copied());
    text.expect("a text").to_owned()
}

/// Whichever of them has it; and on a GPU, which goes on, the next run is not to blame.
#[test]
fn an_index_beyond_the_data_set_is_refused() {
    let _one = alone();
    for device in devices() {
        let task = task(device.clone());
        let all: Vec<(Params, Sequential)> = (0..STORES).map(|k| built(&MLP, k)).collect();
        let stores: Vec<&Params> = all.iter().map(|(params, _)| params).collect();
        let mut step = recorded(&task, &all[0].1, Sgd::default());
        let mut sequence = Sequence::default();
        let mut run = |batch: &[u32]| {
            let feeds = [Feed::U32(&[1, 2]), Feed::U32(&[3, 4]), Feed::U32(batch)];
            let part = Part { program: step.program(stores[0], 2).unwrap(), runs: 1, feeds: &feeds };
            sequence.run_side_by_side(&stores, &mut [part]).map(drop)
        };
        let text = panic_of(|| run(&[5, 99]));
        assert_eq!(text, "gather: index 99 in row 1, but the data set has 24 records", "{device:?}");
        if device.runs_ahead() {
            run(&[5, 6]).unwrap();
        }
    }
}

#[test]
fn what_cannot_stand_side_by_side() {
    let (one, model) = built(&MLP, 0);
    let (other, _) = built(&CNN, 1);
    let task = task(Device::Cpu);
    let run = |stores: &[&Params], feeds: &[Feed<'_>]| {
        let mut step = recorded(&task, &model, Sgd::default());
        let part = Part { program: step.program(&one, 2).unwrap(), runs: 1, feeds };
        Sequence::default().run_side_by_side(stores, &mut [part]).map(drop)
    };
    let feeds = [Feed::U32(&[1, 2]), Feed::U32(&[3, 4])];
    let differ = panic_of(|| run(&[&one, &other], &feeds));
    assert_eq!(differ, "side by side: parameter 1.weight of store 1 is not like the first's");
    assert_eq!(panic_of(|| run(&[&one, &one], &feeds)), "side by side: store 1 is given twice");
    assert_eq!(panic_of(|| run(&[], &feeds)), "side by side: no store");
    let (like, _) = built(&MLP, 1);
    let error = run(&[&one, &like], &feeds[..1]).unwrap_err();
    assert!(matches!(error, Error::FeedCount { expected: 2, given: 1 }), "{error}");
    assert!(run(&[&like, &one], &feeds).is_ok());
    let foreign = panic_of(|| run(&[&other], &feeds[..1]));
    assert_eq!(foreign, "parameter 1.weight of this program is not one of the store's");
}

/// A graph has as many launches for four as for one, and the work of four; what is added to reach a replica's memory shows.
#[cfg(feature = "cuda")]
#[test]
fn four_have_the_launches_of_one() -> Result<(), Error> {
    let _one = alone();
    let gpu = ferrotape_autograd::check::gpu();
    let Some(device) = gpu.filter(|device| matches!(device, Device::PtxMachine)) else { return Ok(()) };
    // Launches, and instructions of all warps.
    let counted = || {
        let text = ferrotape_kernels::cuda::Gpu::ptx_machine().unwrap().counters().expect("it counts");
        let number = |word: &str| word.parse::<u64>().unwrap();
        let launches = text.lines().filter_map(|line| line.strip_suffix(" launches")?.split(' ').next_back());
        let all = text.lines().filter_map(|line| line.strip_prefix("all ")?.split_whitespace().next());
        [launches.map(number).sum::<u64>(), all.map(number).sum()]
    };
    let task = task(device);
    let images: Vec<u32> = (0..IMAGES as u32).collect();
    let work = |replicas: usize| -> Result<[u64; 2], Error> {
        let all: Vec<(Params, Sequential)> = (0..replicas).map(|k| built(&CNN, k)).collect();
        let stores: Vec<&Params> = all.iter().map(|(params, _)| params).collect();
        let mut trainer = trainer!(&task, &all[0].1, &images);
        let before = counted();
        trainer.run(stores[0], &stores, &(0..replicas).collect::<Vec<_>>(), 0)?;
        let after = counted();
        Ok([after[0] - before[0], after[1] - before[1]])
    };
    let [[launches, one], [launches_of_four, four]] = [work(1)?, work(4)?];
    println!("{launches} launches; {one} warp instructions for one, {four} for four");
    assert_eq!(launches_of_four, launches);
    let share = four as f64 / (4 * one) as f64;
    assert!((1.0..1.1).contains(&share), "{four} instructions for four, {one} for one");
    Ok(())
}
