//! The parameters of a kernel, read from its PTX: what a launch passes is checked against them.
use super::{Arg, comments};

/// A parameter of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Param {
    pub name: String,
    pub kind: Kind,
}

/// What a parameter holds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `.u32`, `.s32`, `.b32`
    U32,
    /// `.u64`, `.s64`, `.b64`: a number or an address
    U64,
    /// `.f32`
    F32,
    /// `.f64`
    F64,
}

impl Kind {
    /// Its size, which is also its alignment.
    pub fn bytes(self) -> usize {
        match self {
            Kind::U32 | Kind::F32 => 4,
            Kind::U64 | Kind::F64 => 8,
        }
    }

    /// What holds this argument.
    pub fn of(arg: Arg) -> Self {
        match arg {
            Arg::U32(_) => Kind::U32,
            Arg::F32(_) => Kind::F32,
            Arg::F64(_) => Kind::F64,
            _ => Kind::U64,
        }
    }

    fn named(word: &str) -> Option<Self> {
        Some(match word {
            ".u32" | ".s32" | ".b32" => Kind::U32,
            ".u64" | ".s64" | ".b64" => Kind::U64,
            ".f32" => Kind::F32,
            ".f64" => Kind::F64,
            _ => return None,
        })
    }
}

/// The parameters of entry `entry`, in order; none if the text has no such entry.
///
/// # Panics
/// If one is neither a number of 4 or 8 bytes nor an address: no kernel here has such.
pub(super) fn of(ptx: &str, entry: &str) -> Option<Vec<Param>> {
    let text = comments::blanked(ptx);
    let header = text.split(".entry").skip(1).find(|after| {
        let name = after.trim_start().split(|c: char| c.is_whitespace() || c == '(' || c == '{').next();
        name == Some(entry)
    })?;
    let body = header.find('{').unwrap_or(header.len());
    let Some((_, list)) = header[..body].split_once('(') else { return Some(vec![]) };
    let list = list.split(')').next().unwrap_or_default();
    let params = list.split(',').filter(|param| !param.trim().is_empty());
    Some(params.map(|param| parse(param, entry)).collect())
}

fn parse(param: &str, entry: &str) -> Param {
    let mut words = param.split_whitespace();
    let kind = words.find_map(Kind::named);
    let (Some(kind), Some(name)) = (kind, words.last()) else {
        panic!(
            "cuda: {entry}: parameter {:?} is neither a number of 4 or 8 bytes nor an address",
            param.trim()
        );
    };
    Param { name: name.to_owned(), kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_an_entry() {
        let ptx = "// .entry saxpy(.param .u32 no)\n.visible .entry saxpy2(.param .u32 m) { ret; }\n\
                   .visible .entry saxpy(\n .param .u64 x, // (in)\n .param .u64 .ptr .global .align 4 y /* , */,\n\
                   .param .f32 a,.param .u32 n)\n.maxntid 256, 1, 1\n{ ld.param.u64 %rd1, [x]; }";
        let params = of(ptx, "saxpy").unwrap();
        let expected = [("x", Kind::U64), ("y", Kind::U64), ("a", Kind::F32), ("n", Kind::U32)];
        let found: Vec<_> = params.iter().map(|param| (param.name.as_str(), param.kind)).collect();
        assert_eq!(found, expected);
        assert_eq!(of(ptx, "sax"), None);
        assert_eq!(of(".entry none { ret; }", "none"), Some(vec![]));
    }
}
