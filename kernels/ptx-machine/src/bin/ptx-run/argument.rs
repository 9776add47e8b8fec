//! Arguments of a kernel as the command line says them.
use std::{error::Error, str::FromStr};

use ptx_machine::{Kernel, Memory, MemoryError, Param};

use crate::values::{Type, split_mix};

/// An argument.
#[derive(Clone, Debug)]
pub enum Argument {
    /// As it stands: its type is the parameter's.
    Number(String),
    /// Memory, and whether it is shown afterwards.
    Buffer { ty: Type, count: u64, fill: Fill, show: bool },
}

/// What is in a buffer.
#[derive(Clone, Debug)]
pub enum Fill {
    Random,
    Counting,
    Nothing,
    /// Bytes of a number.
    Everywhere(Vec<u8>),
}

/// A buffer that is shown after the launch.
pub struct Shown {
    name: String,
    address: u64,
    ty: Type,
    count: u64,
}

impl FromStr for Argument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((ty, rest)) = text.split_once('[') else { return Ok(Self::Number(text.to_owned())) };
        let expected = || {
            format!(
                "`{text}`, expected a number or a buffer, as in f32[1024], f32[1024]=0, u32[64]=i, f32[8]=?"
            )
        };
        let ty = Type::named(ty).ok_or_else(expected)?;
        let (rest, show) = rest.strip_suffix('!').map_or((rest, false), |rest| (rest, true));
        let (count, fill) = rest.split_once(']').ok_or_else(expected)?;
        let count = count.parse().ok().filter(|count| (1..=1 << 32).contains(count)).ok_or_else(expected)?;
        let fill = match fill {
            "" => Fill::Random,
            "=i" => Fill::Counting,
            "=?" => Fill::Nothing,
            _ => {
                let number = fill.strip_prefix('=').and_then(|number| ty.read(number));
                Fill::Everywhere(number.ok_or_else(expected)?)
            }
        };
        Ok(Self::Buffer { ty, count, fill, show })
    }
}

/// The parameter block, and the buffers to be shown.
pub fn parameters(
    kernel: &Kernel,
    arguments: &[Argument],
    memory: &Memory,
    mut seed: u64,
) -> Result<(Vec<u8>, Vec<Shown>), Box<dyn Error>> {
    let params = kernel.params();
    if arguments.len() != params.len() {
        let names: Vec<_> =
            params.iter().map(|param| format!("{} ({} bytes)", param.name, param.bytes)).collect();
        let (name, names) = (kernel.name(), names.join(", "));
        return Err(format!(
            "--arg {} times, kernel `{name}` has {}: {names}",
            arguments.len(),
            params.len()
        )
        .into());
    }
    let (mut block, mut shown) = (vec![0; kernel.param_bytes() as usize], Vec::new());
    for (param, argument) in params.iter().zip(arguments) {
        let bytes = match argument {
            Argument::Number(text) => number(param, text)?,
            Argument::Buffer { .. } if param.bytes != 8 => {
                return Err(
                    format!("`{}` has {} bytes; a buffer's address has 8", param.name, param.bytes).into()
                );
            }
            Argument::Buffer { ty, count, fill, show } => {
                let address = memory.alloc(ty.bytes() as u64 * count, &param.name)?;
                put(memory, address, *ty, *count, fill, &mut seed)?;
                if *show {
                    shown.push(Shown { name: param.name.clone(), address, ty: *ty, count: *count });
                }
                address.to_le_bytes().to_vec()
            }
        };
        let start = param.offset as usize;
        block[start..start + bytes.len()].copy_from_slice(&bytes);
    }
    Ok((block, shown))
}

/// A number with a point or an exponent is a float; without, an integer.
fn number(param: &Param, text: &str) -> Result<Vec<u8>, String> {
    let float = !text.starts_with("0x") && text.contains(['.', 'e', 'n', 'i']);
    let types = match (param.bytes, float) {
        (1, false) => &[Type::U8][..],
        (4, false) => &[Type::U32, Type::S32],
        (8, false) => &[Type::U64],
        (4, true) => &[Type::F32],
        (8, true) => &[Type::F64],
        _ => &[],
    };
    let value = types.iter().find_map(|ty| ty.read(text));
    value.ok_or_else(|| format!("`{text}` is no number of {} bytes for `{}`", param.bytes, param.name))
}

fn put(
    memory: &Memory,
    address: u64,
    ty: Type,
    count: u64,
    fill: &Fill,
    seed: &mut u64,
) -> Result<(), MemoryError> {
    match fill {
        Fill::Nothing => Ok(()),
        Fill::Everywhere(value) => memory.fill(address, value, count),
        Fill::Counting => memory.write(address, &(0..count).flat_map(|i| ty.count(i)).collect::<Vec<_>>()),
        Fill::Random => {
            let values = (0..count).flat_map(|_| ty.random(split_mix(seed)));
            memory.write(address, &values.collect::<Vec<_>>())
        }
    }
}

impl Shown {
    /// The first values.
    pub fn shown(&self, memory: &Memory) -> Result<String, MemoryError> {
        let first = self.count.min(16);
        let mut bytes = vec![0; first as usize * self.ty.bytes()];
        memory.read(self.address, &mut bytes)?;
        let values: Vec<_> = bytes.chunks(self.ty.bytes()).map(|value| self.ty.shown(value)).collect();
        let more = if first < self.count { " ..." } else { "" };
        Ok(format!("{} = {}{more}", self.name, values.join(" ")))
    }
}
