//! Balanced divisions of a source into record numbers.
use crate::Error;
use crate::rng::{Stream, keyed, shuffle};
use ferrotape_autograd::Source;

/// How much of each class is held out for validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holdout {
    /// So many records of each class.
    PerClass(usize),
    /// So many percent of all records, 1 to 99, in equal numbers of each class, rounded to the nearest record of a
    /// class (halves up).
    Percent(usize),
}

/// Divides `source` at random into (training, validation), both ascending.
///
/// Every record is in exactly one of them.
///
/// ```text
/// CIFAR-10, Percent(10):        45,000 and 5,000 records, 500 of each class held out
/// Fashion-MNIST, Percent(10):   54,000 and 6,000 records, 600 of each class held out
/// MNIST, Percent(10):           the same, and what is left is unbalanced as MNIST is
/// ```
///
/// # Errors
/// If a class would leave no record on either side, a percentage is not 1 to 99, or there are 2^32 records or
/// more.
pub fn balanced(source: &dyn Source, holdout: Holdout, seed: u64) -> Result<(Vec<u32>, Vec<u32>), Error> {
    holdout.check()?;
    let all = 0..in_u32("number of records", source.len())?;
    let held = holdout.of_each_class(source)?;
    let (mut train, mut validation) = (Vec::new(), Vec::new());
    for (class, mut members) in by_class(source, all).into_iter().enumerate() {
        if members.len() <= held {
            let needed = held.saturating_add(1);
            return Err(Error::TooFew { class, found: members.len(), what: "split", needed });
        }
        shuffle(&mut keyed(seed, Stream::Split, class as u64), &mut members);
        validation.extend_from_slice(&members[..held]);
        train.extend_from_slice(&members[held..]);
    }
    train.sort_unstable();
    validation.sort_unstable();
    Ok((train, validation))
}

/// Takes `n` of `indices` at random, equally many of each class.
///
/// Where `n` is no multiple of the number of classes, the first ones get one more.
/// The result is ascending. Under one seed a smaller limit is a subset of a larger one.
/// With `n == indices.len()` it is all of them, balanced or not.
///
/// # Errors
/// If `n` is 0 or above `indices.len()`, or a class has too few.
pub fn limit(indices: &[u32], source: &dyn Source, n: usize, seed: u64) -> Result<Vec<u32>, Error> {
    if n == 0 || n > indices.len() {
        return Err(Error::Size { what: "limit", found: n, expected: format!("1 to {}", indices.len()) });
    }
    let mut chosen = if n == indices.len() { indices.to_vec() } else { pick(indices, source, n, seed)? };
    chosen.sort_unstable();
    Ok(chosen)
}

fn pick(indices: &[u32], source: &dyn Source, n: usize, seed: u64) -> Result<Vec<u32>, Error> {
    let mut chosen = Vec::with_capacity(n);
    for (class, mut members) in by_class(source, indices.iter().copied()).into_iter().enumerate() {
        let needed = n / source.classes() + usize::from(class < n % source.classes());
        if members.len() < needed {
            return Err(Error::TooFew { class, found: members.len(), what: "limit", needed });
        }
        shuffle(&mut keyed(seed, Stream::Limit, class as u64), &mut members);
        chosen.extend_from_slice(&members[..needed]);
    }
    Ok(chosen)
}

/// The given records of each class, in the order given.
fn by_class(source: &dyn Source, records: impl Iterator<Item = u32>) -> Vec<Vec<u32>> {
    let mut classes = vec![Vec::new(); source.classes()];
    for record in records {
        classes[usize::from(source.label(record as usize))].push(record);
    }
    classes
}

impl Holdout {
    fn check(self) -> Result<(), Error> {
        let (what, found, expected) = match self {
            Holdout::PerClass(0) => ("number of validation records of each class", 0, "1 or more"),
            Holdout::Percent(found) if !(1..=99).contains(&found) => {
                ("percentage held out", found, "1 to 99")
            }
            _ => return Ok(()),
        };
        Err(Error::Size { what, found, expected: expected.to_owned() })
    }

    /// How many records of each class are held out, at least one.
    fn of_each_class(self, source: &dyn Source) -> Result<usize, Error> {
        let percent = match self {
            Holdout::PerClass(held) => return Ok(held),
            Holdout::Percent(percent) => percent,
        };
        let whole = 100 * source.classes();
        match (source.len() * percent + whole / 2) / whole {
            0 => {
                let least = (whole / 2).div_ceil(percent);
                let expected = format!("at least {least} to hold out {percent} %");
                Err(Error::Size { what: "number of records", found: source.len(), expected })
            }
            held => Ok(held),
        }
    }
}

fn in_u32(what: &'static str, found: usize) -> Result<u32, Error> {
    u32::try_from(found).map_err(|_| Error::Size { what, found, expected: format!("at most {}", u32::MAX) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels alone; record `i` is of class `labels[i]`.
    #[derive(Debug)]
    struct Labels(Vec<u8>);

    impl Source for Labels {
        fn len(&self) -> usize {
            self.0.len()
        }
        fn shape(&self) -> [usize; 3] {
            [1, 1, 1]
        }
        fn classes(&self) -> usize {
            3
        }
        fn pixels(&self, _: usize) -> &[u8] {
            &[0]
        }
        fn label(&self, record: usize) -> u8 {
            self.0[record]
        }
    }

    /// 30, 24 and 46 records of classes 0, 1 and 2.
    fn uneven() -> Labels {
        Labels((0..100).map(|i| if i % 10 < 3 { 0 } else { 1 + u8::from(i % 25 >= 9) }).collect())
    }

    fn counts(source: &Labels, records: &[u32]) -> [usize; 3] {
        [0, 1, 2]
            .map(|class| records.iter().filter(|&&record| source.label(record as usize) == class).count())
    }

    #[test]
    fn a_split_holds_every_record_once() {
        let source = uneven();
        let (train, validation) = balanced(&source, Holdout::Percent(10), 1).unwrap();
        let mut all = [train.clone(), validation.clone()].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..100));
        assert!(train.is_sorted() && validation.is_sorted());
    }

    #[test]
    fn every_class_gives_as_many_to_validation() {
        let source = uneven();
        assert_eq!(counts(&source, &(0..100).collect::<Vec<_>>()), [30, 24, 46]);
        let (train, validation) = balanced(&source, Holdout::Percent(10), 1).unwrap();
        assert_eq!(counts(&source, &validation), [3, 3, 3]);
        assert_eq!(counts(&source, &train), [27, 21, 43]);
        // 100 * 17 % / 3 = 5.67
        let (_, validation) = balanced(&source, Holdout::Percent(17), 1).unwrap();
        assert_eq!(counts(&source, &validation), [6, 6, 6]);
        let (_, validation) = balanced(&source, Holdout::PerClass(5), 1).unwrap();
        assert_eq!(counts(&source, &validation), [5, 5, 5]);
    }

    #[test]
    fn the_seed_decides() {
        let split = |seed| balanced(&uneven(), Holdout::Percent(20), seed).unwrap();
        assert_eq!(split(1), split(1));
        assert_ne!(split(1), split(2));
    }

    #[test]
    fn a_class_that_is_too_small_is_named() {
        let message = |holdout| balanced(&uneven(), holdout, 1).unwrap_err().to_string();
        assert_eq!(message(Holdout::PerClass(24)), "class 1 has 24 records, the split needs 25");
        assert_eq!(message(Holdout::Percent(80)), "class 1 has 24 records, the split needs 28");
        assert_eq!(
            message(Holdout::Percent(1)),
            "number of records is 100, expected at least 150 to hold out 1 %"
        );
        assert_eq!(message(Holdout::Percent(0)), "percentage held out is 0, expected 1 to 99");
        assert_eq!(
            message(Holdout::PerClass(0)),
            "number of validation records of each class is 0, expected 1 or more"
        );
    }

    #[test]
    fn a_limit_is_balanced_and_nested() {
        let source = uneven();
        let indices: Vec<u32> = (0..100).collect();
        let small = limit(&indices, &source, 31, 1).unwrap();
        assert_eq!(counts(&source, &small), [11, 10, 10]);
        assert!(small.is_sorted());
        let large = limit(&indices, &source, 60, 1).unwrap();
        assert!(small.iter().all(|record| large.contains(record)));
        assert_ne!(small, limit(&indices, &source, 31, 2).unwrap());
    }

    #[test]
    fn a_limit_takes_only_from_what_it_is_given() {
        let source = uneven();
        let (train, _) = balanced(&source, Holdout::Percent(50), 1).unwrap();
        assert!(limit(&train, &source, 12, 1).unwrap().iter().all(|record| train.contains(record)));
        assert_eq!(limit(&train, &source, train.len(), 1).unwrap(), train);
    }

    #[test]
    fn a_limit_out_of_reach_is_an_error() {
        let message = |n| limit(&(0..100).collect::<Vec<_>>(), &uneven(), n, 1).unwrap_err().to_string();
        assert_eq!(message(0), "limit is 0, expected 1 to 100");
        assert_eq!(message(101), "limit is 101, expected 1 to 100");
        assert_eq!(message(90), "class 1 has 24 records, the limit needs 30");
    }
}
