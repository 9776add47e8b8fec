//! Damage.
use crate::{Form, Random, Reader};
use std::ops::Range;

/// Longer files only take longer.
const MOST: usize = 1 << 16;

/// Numbers at which something often ends.
const EDGES: [u64; 16] = [
    0,
    1,
    2,
    7,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
];

/// The same in words, and what is no number.
const NUMBERS: [&str; 20] = [
    "0",
    "-0",
    "-1",
    "1",
    "2",
    "16",
    "64",
    "255",
    "65535",
    "65536",
    "1e3",
    "1e-400",
    "1e308",
    "1e400",
    "4294967295",
    "4294967296",
    "2147483648",
    "9223372036854775807",
    "18446744073709551616",
    "0x7fffffffffffffff",
];

/// What is mutated, and what with.
pub struct Source {
    seeds: Vec<Vec<u8>>,
    form: Form,
    marks: Vec<usize>,
    words: Vec<Vec<u8>>,
}

impl Source {
    /// Of a reader and its seeds: all words that occur in them, and its own.
    ///
    /// # Panics
    /// If there is no seed.
    pub fn of(reader: &dyn Reader, seeds: Vec<Vec<u8>>) -> Self {
        assert!(!seeds.is_empty(), "{} has no seed", reader.name());
        let mut words: Vec<Vec<u8>> = reader.words().iter().map(|word| word.as_bytes().to_vec()).collect();
        if reader.form() != Form::Binary {
            for seed in &seeds {
                words.extend(tokens(seed).map(|range| seed[range].to_vec()));
            }
        }
        words.sort();
        words.dedup();
        Self { seeds, form: reader.form(), marks: reader.marks(), words }
    }
}

/// A seed with one to six mutations, mostly few.
pub fn mutated(source: &Source, random: &mut Random) -> Vec<u8> {
    let mut bytes = random.pick(&source.seeds).clone();
    let times = 1 + random.below(3) * random.below(2) + random.below(4) * random.below(2) / 2;
    for _ in 0..times {
        let text = match source.form {
            Form::Binary => false,
            Form::Text => !random.once_in(5),
            Form::Mixed => random.once_in(2),
        };
        if text && !source.words.is_empty() {
            in_words(&mut bytes, source, random);
        } else {
            in_bytes(&mut bytes, source, random);
        }
        bytes.truncate(MOST);
    }
    bytes
}

/// A place in the file: half of the time near something that means more.
fn place(bytes: &[u8], source: &Source, random: &mut Random) -> usize {
    if source.marks.is_empty() || random.once_in(2) {
        return random.below(bytes.len());
    }
    (random.pick(&source.marks) + random.below(8) * random.below(2)).min(bytes.len().saturating_sub(1))
}

fn in_bytes(bytes: &mut Vec<u8>, source: &Source, random: &mut Random) {
    let at = place(bytes, source, random);
    match random.below(9) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.next() as u8;
            }
        }
        2 | 3 => {
            // A number of 1, 2, 4 or 8 bytes in either order, or what is there and a little more or less.
            let size = 1 << random.below(4);
            let end = (at + size).min(bytes.len());
            let edge = random.pick(&EDGES).wrapping_add(random.below(3) as u64).wrapping_sub(1);
            let number = edge.to_le_bytes();
            let big = random.once_in(2);
            for (i, byte) in bytes[at.min(end)..end].iter_mut().enumerate() {
                *byte = number[if big { size - 1 - i } else { i }];
            }
        }
        4 => bytes.truncate(random.below(bytes.len() + 1)),
        5 => {
            let more = random.below(64);
            bytes.extend((0..more).map(|_| random.next() as u8));
        }
        6 => drop(bytes.drain(random.range(bytes.len()))),
        7 => {
            let copy = bytes[random.range(bytes.len())].to_vec();
            bytes.splice(at.min(bytes.len())..at.min(bytes.len()), copy);
        }
        _ => {
            // The beginning of one and the end of another.
            let other = random.pick(&source.seeds);
            bytes.truncate(random.below(bytes.len() + 1));
            bytes.extend(&other[random.below(other.len() + 1)..]);
        }
    }
}

fn in_words(bytes: &mut Vec<u8>, source: &Source, random: &mut Random) {
    let found: Vec<Range<usize>> = tokens(bytes).collect();
    if found.is_empty() {
        bytes.extend(random.pick(&source.words));
        return;
    }
    let token = random.pick(&found).clone();
    match random.below(9) {
        0 | 1 => {
            bytes.splice(token, random.pick(&source.words).iter().copied());
        }
        2 => drop(bytes.drain(token)),
        3 => {
            bytes.splice(token.start..token.start, random.pick(&source.words).iter().copied());
        }
        4 => {
            let copy = bytes[token.clone()].to_vec();
            bytes.splice(token.start..token.start, copy);
        }
        5 => {
            // Many of the same: deep nesting, long lists.
            let times = 1 << random.below(13);
            let copy = bytes[token.clone()].repeat(times);
            bytes.splice(token.start..token.start, copy.into_iter().take(MOST));
        }
        6 => {
            let other = random.pick(&found).clone();
            let copy = bytes[other].to_vec();
            bytes.splice(token, copy);
        }
        7 => {
            // From here to there, once more somewhere else.
            let (from, to) = (random.pick(&found).start, token.end);
            let copy = bytes[from.min(to)..from.max(to)].to_vec();
            let at = random.pick(&found).end;
            bytes.splice(at..at, copy);
        }
        _ => {
            let numbers: Vec<_> = found.iter().filter(|range| bytes[range.start].is_ascii_digit()).collect();
            if !numbers.is_empty() {
                let range = (*random.pick(&numbers)).clone();
                bytes.splice(range, random.pick(&NUMBERS).bytes());
            }
        }
    }
}

/// Words, numbers and single other characters; no blanks.
fn tokens(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.$%".contains(byte);
    let mut at = 0;
    std::iter::from_fn(move || {
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let start = at;
        let first = bytes.get(start)?;
        at += if of_word(first) { bytes[at..].iter().take_while(|byte| of_word(byte)).count() } else { 1 };
        Some(start..at)
    })
}
