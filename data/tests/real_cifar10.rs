//! The true data set, where `FERROTAPE_CIFAR10` names its directory; skipped aloud elsewhere.
use ferrotape_autograd::Source;
use ferrotape_data::{Cifar10, Holdout, Loader, split};
use std::io::Write;

fn open() -> Option<Cifar10> {
    let Some(dir) = std::env::var_os("FERROTAPE_CIFAR10") else {
        // Not `eprintln!`: the test harness would swallow it.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: set FERROTAPE_CIFAR10 to the directory of CIFAR-10 to run this test"
        );
        return None;
    };
    Some(Cifar10::open(dir).unwrap_or_else(|error| panic!("FERROTAPE_CIFAR10: {error}")))
}

fn per_class(source: &dyn Source, records: impl Iterator<Item = u32>) -> [usize; 10] {
    records.fold([0; 10], |mut counts, record| {
        counts[usize::from(source.label(record as usize))] += 1;
        counts
    })
}

#[test]
fn it_has_the_published_sizes() {
    let Some(set) = open() else { return };
    assert_eq!(per_class(&*set.train(), 0..50_000), [5_000; 10]);
    assert_eq!(per_class(&*set.test(), 0..10_000), [1_000; 10]);
    assert_eq!((set.train().len(), set.test().len()), (50_000, 10_000));
}

#[test]
fn its_channels_have_the_known_means() {
    let Some(set) = open() else { return };
    let train = set.train();
    for (channel, known) in [0.4914, 0.4822, 0.4465].into_iter().enumerate() {
        let plane = |record| &train.pixels(record)[1024 * channel..1024 * (channel + 1)];
        let sum: u64 = (0..train.len()).flat_map(plane).map(|&byte| u64::from(byte)).sum();
        let mean = sum as f64 / (train.len() * 1024 * 255) as f64;
        // Half a grey level of 255: room for copies that went through JPEG.
        assert!((mean - known).abs() < 0.002, "channel {channel}: mean {mean}, known {known}");
    }
}

#[test]
fn its_split_is_that_of_the_experiments() {
    let Some(set) = open() else { return };
    let source = set.train();
    let (train, validation) = split::balanced(&*source, Holdout::Percent(10), 7).unwrap();
    assert_eq!(per_class(&*source, train.iter().copied()), [4_500; 10]);
    assert_eq!(per_class(&*source, validation.iter().copied()), [500; 10]);
    let limited = split::limit(&train, &*source, 5_000, 7).unwrap();
    assert_eq!(per_class(&*source, limited.into_iter()), [500; 10]);
    assert_eq!(Loader::new(train, 50, 7).batches(), 900);
}
