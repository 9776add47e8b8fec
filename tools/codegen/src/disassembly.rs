//! Functions and loops in the text that objdump prints.

/// A function's name and instructions.
#[derive(Debug)]
pub struct Function<'a> {
    pub name: &'a str,
    code: Vec<Instruction<'a>>,
}

#[derive(Debug)]
struct Instruction<'a> {
    address: u64,
    mnemonic: &'a str,
    operands: &'a str,
}

/// What a loop consists of.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Loop {
    /// Instructions.
    pub all: usize,
    /// Fused multiply-adds of whole vectors.
    pub fmas: usize,
    /// Instructions that move or broadcast a vector from memory; multiply-adds may read memory besides.
    pub loads: usize,
    /// Instructions that a vector goes to or comes from the stack with.
    pub spills: usize,
    /// Others that read or write the stack: pointers for which there was no register.
    pub stack: usize,
}

/// The functions of a disassembly.
pub fn functions(text: &str) -> Vec<Function<'_>> {
    let mut functions: Vec<Function<'_>> = Vec::new();
    for line in text.lines() {
        if let Some((_, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <")) {
            functions.push(Function { name, code: Vec::new() });
        } else if let (Some(last), Some(instruction)) = (functions.last_mut(), Instruction::parse(line)) {
            last.code.push(instruction);
        }
    }
    functions
}

impl Function<'_> {
    /// Of the loops with no loop inside and many multiply-adds, half of the most at least, the one that holds least else:
    /// a tile's main loop is denser than the ones for the ends of a sum, which may be unrolled further.
    pub fn hot_loop(&self) -> Loop {
        let loops: Vec<[u64; 2]> = self.code.iter().filter_map(Instruction::jumps_back).collect();
        let holds = |[a, b]: [u64; 2], [c, d]: [u64; 2]| a <= c && d <= b && [a, b] != [c, d];
        let innermost = loops.iter().filter(|outer| !loops.iter().any(|inner| holds(**outer, *inner)));
        let counted: Vec<Loop> = innermost.map(|range| self.count(*range)).collect();
        let most = counted.iter().map(|l| l.fmas).max().unwrap_or(0);
        let rich = counted.into_iter().filter(|l| 2 * l.fmas >= most);
        rich.max_by_key(|l| 1000 * l.fmas / l.all.max(1)).unwrap_or_default()
    }

    fn count(&self, [from, to]: [u64; 2]) -> Loop {
        let mut l = Loop::default();
        for i in self.code.iter().filter(|i| (from..=to).contains(&i.address)) {
            let vector = i.operands.contains("%zmm") || i.operands.contains("%ymm");
            let stack = i.operands.contains("(%rsp");
            l.all += 1;
            l.fmas += usize::from(vector && i.mnemonic.starts_with("vfmadd"));
            l.loads += usize::from(vector && i.operands.contains("(%") && !i.mnemonic.starts_with("vfmadd"));
            l.spills += usize::from(vector && stack);
            l.stack += usize::from(!vector && stack);
        }
        l
    }
}

impl<'a> Instruction<'a> {
    /// `  1a3:\tvmovups 0x40(%rax),%zmm1`
    fn parse(line: &'a str) -> Option<Self> {
        let (address, code) = line.trim_start().split_once(":\t")?;
        let (mnemonic, operands) = code.split_once(' ').unwrap_or((code, ""));
        Some(Self { address: u64::from_str_radix(address, 16).ok()?, mnemonic, operands: operands.trim() })
    }

    /// First and last address of the loop that it closes.
    fn jumps_back(&self) -> Option<[u64; 2]> {
        let target = self.operands.split_whitespace().next().filter(|_| self.mnemonic.starts_with('j'))?;
        let target = u64::from_str_radix(target, 16).ok()?;
        (target <= self.address).then_some([target, self.address])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two loops in one: the inner ones are looked at; a denser one with few multiply-adds is not the hot one.
    #[test]
    fn innermost_loops() {
        let text = "\
0000000000000000 <<a::B as c::D>::inner::<3>>:
   0:\tvmovups (%rdi),%zmm0
   6:\tvfmadd231ps (%rax){1to16},%zmm0,%zmm1
   c:\tjae    6 <<a::B as c::D>::inner::<3>+0x6>
   e:\tvmovups 0x40(%rsp),%zmm2
  14:\tvfmadd231ps %zmm2,%zmm0,%zmm1
  1a:\tvfmadd231ps %zmm2,%zmm0,%zmm3
  1d:\tvfmadd231ps %zmm2,%zmm0,%zmm4
  20:\tmov    0x8(%rsp),%rax
  25:\tvbroadcastss (%rax),%zmm2
  2b:\tjne    e <<a::B as c::D>::inner::<3>+0xe>
  2d:\tvmovups %zmm0,(%rsp)
  33:\tjmp    0 <<a::B as c::D>::inner::<3>>

0000000000000000 <other>:
   0:\tret";
        let functions = functions(text);
        assert_eq!(
            functions.iter().map(|f| f.name).collect::<Vec<_>>(),
            ["<a::B as c::D>::inner::<3>", "other"]
        );
        let hot = functions[0].hot_loop();
        assert_eq!(hot, Loop { all: 7, fmas: 3, loads: 2, spills: 1, stack: 1 });
        assert_eq!(functions[1].hot_loop(), Loop::default());
    }
}
