//! A kernel while it is written: its text, registers and shared memory.
use super::{Pred, Register, U32, U64};
use crate::cuda::Text;
use std::{fmt::Write, sync::Arc};

/// Bytes of shared memory that a block has without asking.
pub const SHARED: usize = 48 << 10;

/// Registers of a multiprocessor, and how many a thread may have unless the kernel says so.
const REGISTERS: u32 = 1 << 16;
const MOST_REGISTERS: u32 = 168;

/// A kernel that is being written, instruction by instruction.
pub struct Kernel {
    name: String,
    about: String,
    threads: u32,
    most_registers: u32,
    params: Vec<&'static str>,
    /// Names of registers with their types and how many there are.
    registers: Vec<(&'static str, &'static str, u32)>,
    shared: Vec<(&'static str, usize)>,
    labels: Vec<(&'static str, u32)>,
    body: String,
    depth: usize,
}

impl Kernel {
    /// The beginning of a kernel for blocks of `threads` threads; `about` (lines, ASCII) opens its text.
    pub fn new(name: impl Into<String>, about: impl Into<String>, threads: u32) -> Self {
        let (name, about) = (name.into(), about.into());
        let (params, registers, shared, labels) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self {
            name,
            about,
            threads,
            most_registers: MOST_REGISTERS,
            params,
            registers,
            shared,
            labels,
            body: String::new(),
            depth: 1,
        }
    }

    /// Lets a thread have up to `most` registers, at the price of fewer threads. The usual bound is 168.
    pub fn allow_registers(&mut self, most: u32) {
        self.most_registers = most;
    }

    /// Threads of a block.
    pub fn threads(&self) -> u32 {
        self.threads
    }

    /// A new register called `name` and a number.
    pub fn register<R: Register>(&mut self, name: &'static str) -> R {
        let known = self.registers.iter_mut().find(|(n, ..)| *n == name);
        let index = match known {
            Some((_, ty, count)) => {
                assert_eq!(*ty, R::TYPE, "registers %{name} of two types");
                *count += 1;
                *count - 1
            }
            None => {
                self.registers.push((name, R::TYPE, 1));
                0
            }
        };
        R::named(name, index)
    }

    /// `N` new registers called `name`.
    pub fn registers<R: Register, const N: usize>(&mut self, name: &'static str) -> [R; N] {
        std::array::from_fn(|_| self.register(name))
    }

    /// The next parameter, an address in global memory.
    pub fn pointer(&mut self, name: &'static str) -> U64 {
        self.params.push(name);
        let [given, at] = [self.register::<U64>(name), self.register(name)];
        let entry = self.name.clone();
        self.op(format_args!("ld.param.u64 {given}, [{entry}_{name}]"));
        self.op(format_args!("cvta.to.global.u64 {at}, {given}"));
        at
    }

    /// `bytes` of shared memory and their address. They begin at a multiple of 16.
    pub fn shared(&mut self, name: &'static str, bytes: usize) -> U32 {
        self.shared.push((name, bytes));
        let at = self.register(name);
        self.op(format_args!("mov.u32 {at}, {name}"));
        at
    }

    /// A comment above what follows.
    pub fn note(&mut self, text: impl AsRef<str>) {
        self.body.push('\n');
        for line in text.as_ref().lines() {
            writeln!(self.body, "{:1$}// {line}", "", 4 * self.depth).expect("a string");
        }
    }

    /// An instruction.
    pub fn op(&mut self, text: std::fmt::Arguments) {
        writeln!(self.body, "{:1$}{text};", "", 4 * self.depth).expect("a string");
    }

    /// An instruction for the threads where `on` holds, or for all.
    pub fn op_if(&mut self, on: Option<Pred>, text: std::fmt::Arguments) {
        match on {
            Some(on) => self.op(format_args!("@{on} {text}")),
            None => self.op(text),
        }
    }

    /// Waits for all threads of the block; what they wrote to shared memory is seen by all.
    pub fn barrier(&mut self) {
        self.op(format_args!("bar.sync 0"));
    }

    /// `body` for the threads where `on` holds.
    pub fn when(&mut self, on: Pred, name: &'static str, body: impl FnOnce(&mut Self)) {
        let end = self.label(name);
        self.op(format_args!("@!{on} bra {end}"));
        self.indented(body);
        self.place(&end);
    }

    /// `body`, once and then again as long as the condition that it returns holds.
    pub fn repeat(&mut self, name: &'static str, body: impl FnOnce(&mut Self) -> Pred) {
        let top = self.label(name);
        self.place(&top);
        let again = self.indented(body);
        self.op(format_args!("@{again} bra {top}"));
    }

    /// `body` for a counter of 0, 1, … `count - 1`: written once and repeated; nothing at all where `count` is 0.
    pub fn count_to(&mut self, name: &'static str, count: u32, body: impl FnOnce(&mut Self, U32)) {
        if count == 0 {
            return;
        }
        let counter = self.register(name);
        self.set(counter, 0);
        self.repeat(name, |k| {
            body(k, counter);
            k.increase(counter, 1);
            k.lt(counter, count)
        });
    }

    fn indented<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let result = body(self);
        self.depth -= 1;
        result
    }

    fn label(&mut self, name: &'static str) -> String {
        let known = self.labels.iter_mut().find(|(n, _)| *n == name);
        match known {
            Some((_, count)) => {
                *count += 1;
                format!("{name}_{count}")
            }
            None => {
                self.labels.push((name, 1));
                format!("{name}_1")
            }
        }
    }

    fn place(&mut self, label: &str) {
        writeln!(self.body, "{label}:").expect("a string");
    }

    /// The whole module.
    ///
    /// # Panics
    /// Where it asks for more shared memory than a block has.
    pub fn finish(mut self) -> Text {
        self.op(format_args!("ret"));
        assert!(self.about.is_ascii() && self.body.is_ascii(), "{}: ptxas takes ASCII alone", self.name);
        let bytes: usize = self.shared.iter().map(|(_, bytes)| bytes.next_multiple_of(16)).sum();
        assert!(bytes <= SHARED, "{}: {bytes} bytes of shared memory", self.name);
        let mut text = String::new();
        for line in self.about.lines() {
            text += format!("// {line}").trim_end();
            text.push('\n');
        }
        text += "\n.version 7.0\n.target sm_75\n.address_size 64\n\n";
        let params: Vec<_> =
            self.params.iter().map(|p| format!("    .param .u64 {}_{p}", self.name)).collect();
        let write = &mut text;
        writeln!(write, ".visible .entry {}(\n{}\n)", self.name, params.join(",\n")).expect("a string");
        // So many blocks shall find room for their registers. Left to itself, ptxas spills some to make room for blocks that nobody
        // launches; told that one block may have all, it takes them.
        let blocks = (REGISTERS / (self.threads * self.most_registers)).max(1);
        writeln!(write, ".maxntid {}, 1, 1\n.minnctapersm {blocks}\n{{", self.threads).expect("a string");
        for (name, ty, count) in &self.registers {
            writeln!(write, "    .reg .{ty} %{name}<{count}>;").expect("a string");
        }
        for (name, bytes) in &self.shared {
            writeln!(write, "    .shared .align 16 .b8 {name}[{bytes}];").expect("a string");
        }
        writeln!(write, "\n{}}}", self.body).expect("a string");
        Text::Made(Arc::from(format!("{}.ptx", self.name)), Arc::from(text))
    }
}
