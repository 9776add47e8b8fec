//! The true MNIST and Fashion-MNIST, where `FERROTAPE_MNIST` names the directory with `mnist/` and `fashion-mnist/`;
//! skipped aloud elsewhere.
use ferrotape_autograd::Source;
use ferrotape_data::{DataSet, Holdout, Published, split};
use std::io::Write;
use std::path::Path;

fn open(set: Published) -> Option<DataSet> {
    let Some(dir) = std::env::var_os("FERROTAPE_MNIST") else {
        // Not `eprintln!`: the test harness would swallow it.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: set FERROTAPE_MNIST to the directory with mnist/ and fashion-mnist/ to run this test"
        );
        return None;
    };
    Some(set.open(Path::new(&dir)).unwrap_or_else(|error| panic!("FERROTAPE_MNIST: {error}")))
}

fn per_class(source: &dyn Source, records: impl Iterator<Item = u32>) -> [usize; 10] {
    records.fold([0; 10], |mut counts, record| {
        counts[usize::from(source.label(record as usize))] += 1;
        counts
    })
}

/// Mean brightness of the training images, of 1.
fn mean(data: &DataSet) -> f64 {
    let n = data.train.len();
    let sum: u64 = (0..n).flat_map(|record| data.train.pixels(record)).map(|&byte| u64::from(byte)).sum();
    sum as f64 / (n * 784 * 255) as f64
}

#[test]
fn fashion_mnist_has_the_published_sizes_and_mean() {
    let Some(data) = open(Published::FashionMnist) else { return };
    assert_eq!((data.train.len(), data.test.len()), (60_000, 10_000));
    assert_eq!(per_class(&*data.train, 0..60_000), [6_000; 10]);
    assert_eq!(per_class(&*data.test, 0..10_000), [1_000; 10]);
    assert!((mean(&data) - 0.2860).abs() < 0.0001, "{}", mean(&data));
}

#[test]
fn mnist_has_the_published_sizes_and_mean() {
    let Some(data) = open(Published::Mnist) else { return };
    assert_eq!((data.train.len(), data.test.len()), (60_000, 10_000));
    assert_eq!(per_class(&*data.test, 0..10_000), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    assert!((mean(&data) - 0.1307).abs() < 0.0001, "{}", mean(&data));
}

#[test]
fn their_splits_are_those_of_the_experiments() {
    for set in [Published::Mnist, Published::FashionMnist] {
        let Some(data) = open(set) else { return };
        let (train, validation) = split::balanced(&*data.train, Holdout::Percent(10), 7).unwrap();
        assert_eq!((train.len(), validation.len()), (54_000, 6_000));
        assert_eq!(per_class(&*data.train, validation.into_iter()), [600; 10]);
    }
}
