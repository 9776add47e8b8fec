//! NumPy's `.npy` files: arrays of real numbers of any type, byte order and axis order.
use crate::output;
use anyhow::{Context, Result, bail};
use npyz::{NpyFile, NpyHeader, Order, WriterBuilder};
use std::{fs, path::Path};

/// An array in C order: the last index runs fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Its axes.
    pub shape: Vec<usize>,
    /// Its elements. Integers beyond 2^53 are rounded.
    pub values: Vec<f64>,
}

impl Array {
    /// The index of the `at`-th element.
    pub fn index(&self, mut at: usize) -> Vec<usize> {
        let mut index = vec![0; self.shape.len()];
        for (i, &size) in index.iter_mut().zip(&self.shape).rev() {
            (*i, at) = (at % size, at / size);
        }
        index
    }
}

/// Reads a file of booleans, integers or floating-point numbers, little or big endian, in C or Fortran order.
///
/// # Errors
/// Where it cannot be read, is no `.npy` file, holds something else than real numbers, or is not as long as its
/// header says; the text names the file.
pub fn read(path: &Path) -> Result<Array> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    parse(&bytes).with_context(|| path.display().to_string())
}

/// Writes `values`, in C order, as float64.
///
/// # Errors
/// As [`output::write_with`].
pub fn write(path: &Path, shape: &[usize], values: &[f64]) -> output::Result<()> {
    let axes: Vec<u64> = shape.iter().map(|&size| size as u64).collect();
    output::write_with(path, |out| {
        let mut file = npyz::WriteOptions::new().default_dtype().shape(&axes).writer(out).begin_nd()?;
        file.extend(values.iter().copied())?;
        file.finish()
    })
}

fn parse(bytes: &[u8]) -> Result<Array> {
    if !bytes.starts_with(b"\x93NUMPY") {
        bail!("not an .npy file: it begins otherwise than with \\x93NUMPY");
    }
    check_header(bytes)?;
    let mut data = bytes;
    let header = NpyHeader::from_reader(&mut data).context("damaged .npy header")?;
    let shape = header.shape().iter().map(|&size| usize::try_from(size)).collect::<Result<Vec<_>, _>>()?;
    if shape.len() > MOST_AXES {
        bail!("{} axes, expected at most {MOST_AXES}", shape.len());
    }
    let expected = header
        .dtype()
        .num_bytes()
        .and_then(|size| shape.iter().try_fold(size, |bytes, &axis| bytes.checked_mul(axis)));
    let (descr, found) = (header.dtype().descr(), data.len());
    match expected {
        Some(expected) if expected == found => {}
        Some(expected) => bail!(
            "shape {shape:?} of dtype {descr} takes {expected} bytes after the header, the file has {found}"
        ),
        None => bail!("shape {shape:?} of dtype {descr} is no array of numbers that fits in memory"),
    }
    let order = header.order();
    let Some(values) = numbers(header, data)? else {
        bail!("dtype {descr}, expected booleans, integers, float32 or float64");
    };
    Ok(match order {
        Order::C => Array { shape, values },
        Order::Fortran => from_fortran(shape, &values),
    })
}

/// NumPy's own limit of a header's length.
const MOST_HEADER: usize = 10_000;
/// And of axes.
const MOST_AXES: usize = 64;
/// A dictionary and a tuple are two; a structure's list, which is refused later, may have more.
const MOST_BRACKETS: usize = 64;
/// A dictionary, a list, a tuple, a shape.
const MOST_DEPTH: usize = 4;

/// Refuses a header that the parser behind would take memory for before it sees that the file ends, or that nests so
/// deep that the parser, which is recursive, runs out of stack.
fn check_header(bytes: &[u8]) -> Result<()> {
    // The length has two bytes in version 1, four in those after it.
    let wide = bytes.get(6).is_some_and(|&version| version > 1);
    let (start, length) = match bytes.get(8..).unwrap_or_default() {
        [a, b, c, d, ..] if wide => (12, u32::from_le_bytes([*a, *b, *c, *d]) as usize),
        [a, b, ..] if !wide => (10, usize::from(u16::from_le_bytes([*a, *b]))),
        _ => bail!("damaged .npy header: the file ends within it"),
    };
    if length > MOST_HEADER {
        bail!("damaged .npy header: {length} bytes long, expected at most {MOST_HEADER}");
    }
    let Some(header) = bytes[start..].get(..length) else {
        bail!("damaged .npy header: {length} bytes long, the file has {} for it", bytes.len() - start);
    };
    let (mut depth, mut deepest, mut brackets) = (0usize, 0, 0);
    for byte in header {
        match byte {
            b'(' | b'[' | b'{' => (depth, brackets) = (depth + 1, brackets + 1),
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > MOST_DEPTH || brackets > MOST_BRACKETS {
        bail!("damaged .npy header: more brackets than that of an array of numbers has");
    }
    Ok(())
}

/// The elements as they lie, whatever real type they have.
fn numbers(header: NpyHeader, data: &[u8]) -> std::io::Result<Option<Vec<f64>>> {
    let file = NpyFile::with_header(header, data);
    let file = match file.try_data::<bool>() {
        Ok(elements) => {
            return elements.map(|x| Ok(f64::from(u8::from(x?)))).collect::<Result<_, _>>().map(Some);
        }
        Err(file) => file,
    };
    macro_rules! first_that_fits {
        ($file:ident, $($number:ty)*) => {{
            $(let $file = match $file.try_data::<$number>() {
                Ok(elements) => return elements.map(|x| Ok(x? as f64)).collect::<Result<_, _>>().map(Some),
                Err(file) => file,
            };)*
            drop($file);
        }};
    }
    first_that_fits!(file, u8 i8 u16 i16 u32 i32 u64 i64 f32 f64);
    Ok(None)
}

/// The same array with its last axis running fastest instead of its first.
fn from_fortran(shape: Vec<usize>, values: &[f64]) -> Array {
    let mut array = Array { shape, values: vec![0.0; values.len()] };
    for at in 0..values.len() {
        let place =
            array.index(at).iter().zip(&array.shape).rev().fold(0, |place, (i, size)| place * size + i);
        array.values[at] = values[place];
    }
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file as NumPy writes it.
    fn file(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
        let fortran = if fortran { "True" } else { "False" };
        let mut header =
            format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}").into_bytes();
        header.resize((10 + header.len()).next_multiple_of(64) - 11, b' ');
        header.push(b'\n');
        [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], &header, data].concat()
    }

    fn refusal(bytes: &[u8]) -> String {
        format!("{:#}", parse(bytes).unwrap_err())
    }

    #[test]
    fn every_type_and_both_byte_orders() {
        let expect = |descr: &str, data: &[u8], values: &[f64]| {
            let shape = format!("({},)", values.len());
            let found = parse(&file(descr, false, &shape, data)).unwrap();
            assert_eq!(found, Array { shape: vec![values.len()], values: values.to_vec() }, "{descr}");
        };
        expect("|b1", &[0, 1], &[0.0, 1.0]);
        expect("|u1", &[0, 255], &[0.0, 255.0]);
        expect("|i1", &[1, 255], &[1.0, -1.0]);
        expect("<u2", &[1, 2], &[513.0]);
        expect(">u2", &[1, 2], &[258.0]);
        expect(">i4", &(-7_i32).to_be_bytes(), &[-7.0]);
        expect("<u8", &9_u64.to_le_bytes(), &[9.0]);
        expect(">f4", &1.5_f32.to_be_bytes(), &[1.5]);
        expect("<f8", &0.1_f64.to_le_bytes(), &[0.1]);
    }

    #[test]
    fn both_axis_orders() {
        // [[1, 2, 3], [4, 5, 6]]
        let c = parse(&file("|u1", false, "(2, 3)", &[1, 2, 3, 4, 5, 6])).unwrap();
        let fortran = parse(&file("|u1", true, "(2, 3)", &[1, 4, 2, 5, 3, 6])).unwrap();
        assert_eq!(c, fortran);
        assert_eq!(c.index(5), [1, 2]);
    }

    #[test]
    fn what_was_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.npy");
        let values = vec![0.1, -2.5, 1e300, 4.0, 5.0, 6.0];
        write(&path, &[3, 1, 2], &values).unwrap();
        assert_eq!(read(&path).unwrap(), Array { shape: vec![3, 1, 2], values });
    }

    #[test]
    fn damage_is_named() {
        let good = file("<f8", false, "(2,)", &[0; 16]);
        assert!(refusal(b"PK\x03\x04").contains("not an .npy file"));
        assert!(refusal(&good[..20]).contains("damaged .npy header"));
        assert!(
            refusal(&good[..good.len() - 1]).contains("takes 16 bytes after the header, the file has 15")
        );
        assert!(refusal(&[&good[..], &[0]].concat()).contains("the file has 17"));
        assert!(refusal(&file("<c16", false, "(1,)", &[0; 16])).contains("dtype '<c16', expected"));
        assert!(refusal(&file("|O", false, "(1,)", &[0; 16])).contains("dtype '|O'"));
        let huge = "(4294967296, 4294967296, 2)";
        assert!(refusal(&file("<f8", false, huge, &[])).contains("fits in memory"));
    }

    /// Found by `ferrotape-fuzz`: memory for 4 GiB of header, the stack of a parser that calls itself, and axis by axis
    /// for every element.
    #[test]
    fn headers_that_cost_too_much() {
        let long = [b"\x93NUMPY\x02\x00", &u32::MAX.to_le_bytes()[..], b"{}"].concat();
        assert!(refusal(&long).contains("4294967295 bytes long, expected at most 10000"));
        let long = [b"\x93NUMPY\x03\x00", &9999u32.to_le_bytes()[..], b"{}"].concat();
        assert!(refusal(&long).contains("9999 bytes long, the file has 2 for it"));
        assert!(refusal(b"\x93NUMPY\x02\x00\x01").contains("the file ends within it"));
        let nested = |times: usize| format!("{}1{}", "[".repeat(times), "]".repeat(times));
        assert!(refusal(&file("<f8", false, &nested(4000), &[])).contains("more brackets"));
        assert!(refusal(&file("<f8", false, &"(),".repeat(100), &[])).contains("more brackets"));
        let flat = format!("({})", "1, ".repeat(65));
        assert!(refusal(&file("|u1", false, &flat, &[0])).contains("65 axes, expected at most 64"));
    }

    /// Whatever a byte of the header becomes, the answer is an array or an error.
    #[test]
    fn no_header_is_a_panic() {
        let good = file("<f8", true, "(2, 1, 3)", &[0; 48]);
        let mut refused = 0;
        for at in 0..good.len() - 48 {
            for byte in (0..=255).step_by(17) {
                let mut bad = good.clone();
                bad[at] = byte;
                refused += usize::from(parse(&bad).is_err());
            }
        }
        assert!(refused > 200, "{refused}");
    }
}
