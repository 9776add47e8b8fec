//! A parsed module and its kernels.
use std::sync::Arc;

use crate::{
    op::{Inst, Note, Reg},
    parse::{self, ParseError},
};

/// A PTX module: its kernels, decoded.
#[derive(Debug)]
pub struct Module {
    pub(crate) kernels: Vec<Arc<Kernel>>,
}

impl Module {
    /// Reads the text of a module; `file` names it in messages.
    ///
    /// # Errors
    /// If the text is no PTX, or has what this machine does not know: the message says line, column, and what.
    pub fn parse(file: &str, text: &str) -> Result<Self, ParseError> {
        parse::module(file, text)
    }

    /// The kernel of this name.
    pub fn kernel(&self, name: &str) -> Option<Arc<Kernel>> {
        self.kernels().find(|kernel| kernel.name() == name).cloned()
    }

    /// All kernels, as they stand in the text.
    pub fn kernels(&self) -> impl Iterator<Item = &Arc<Kernel>> {
        self.kernels.iter()
    }
}

/// A parameter of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u32,
    /// Its alignment.
    pub align: u32,
    /// Where it lies in the parameter block.
    pub offset: u32,
}

/// A register that holds the same for all of a launch.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Special {
    /// `%tid.x`, `.y`, `.z`.
    Tid(u8),
    Ntid(u8),
    Ctaid(u8),
    Nctaid(u8),
    LaneId,
    WarpId,
    /// `%lanemask_lt` and its kin.
    LaneMask(Side),
}

/// Lanes compared with one's own.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Eq,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A kernel, decoded.
#[derive(Debug, Default)]
pub struct Kernel {
    pub(crate) file: Arc<str>,
    pub(crate) text: Arc<str>,
    pub(crate) name: String,
    pub(crate) params: Vec<Param>,
    pub(crate) param_bytes: u32,
    pub(crate) shared_bytes: u32,
    pub(crate) dynamic_shared: bool,
    pub(crate) max_block: Option<[u32; 3]>,
    pub(crate) required_block: Option<[u32; 3]>,
    pub(crate) code: Vec<Inst>,
    pub(crate) notes: Vec<Note>,
    /// Sizes of the register files.
    pub(crate) words: usize,
    pub(crate) wides: usize,
    pub(crate) preds: usize,
    /// Registers that hold immediates.
    pub(crate) word_constants: Vec<(Reg, u32)>,
    pub(crate) wide_constants: Vec<(Reg, u64)>,
    /// Registers that hold what is special about a thread.
    pub(crate) specials: Vec<(Reg, Special)>,
    /// The module's constants.
    pub(crate) constants: Arc<[u8]>,
}

impl Kernel {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file it is from.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Its parameters.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// Size of the parameter block.
    pub fn param_bytes(&self) -> u32 {
        self.param_bytes
    }

    /// Bytes of shared memory it declares; a launch may add to them.
    pub fn shared_bytes(&self) -> u32 {
        self.shared_bytes
    }

    /// Whether it declares shared memory whose size the launch says (`.extern .shared`).
    pub fn dynamic_shared(&self) -> bool {
        self.dynamic_shared
    }

    /// The most threads of a block it takes: `.reqntid`, `.maxntid`, or 1024.
    pub fn max_threads(&self) -> u32 {
        let most = self.required_block.or(self.max_block);
        most.map_or(1024, |block| block.iter().product())
    }

    /// The block it must be launched with (`.reqntid`), if it says so.
    pub fn required_block(&self) -> Option<[u32; 3]> {
        self.required_block
    }

    /// Bytes of the module's constants.
    pub fn const_bytes(&self) -> u32 {
        self.constants.len() as u32
    }

    /// Registers of 32 bits it declares or needs, counted as a driver would report them: 64-bit ones are two.
    pub fn registers(&self) -> u32 {
        (self.words + 2 * self.wides) as u32
    }

    /// Instructions in its text.
    pub fn instructions(&self) -> usize {
        self.code.len()
    }

    /// Line `line` of the module's text, without the blanks around it.
    pub fn source_line(&self, line: u32) -> &str {
        self.text.lines().nth(line.saturating_sub(1) as usize).unwrap_or("").trim()
    }
}
