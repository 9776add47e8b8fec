//! Printing tapes and programs: one instruction a line.
use crate::{Action, Chain, Code, Instruction, ParamId, Place, Program, Slot, SlotId, Tape};
use std::fmt;

/// Which kernel runs an instruction.
type Variant<'a> = &'a dyn Fn(&Instruction) -> &'static str;

impl fmt::Display for Tape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code();
        let variant = |i: &Instruction| self.variant(&i.action, &code.types(&i.x));
        let kind = match (self.is_training(), self.is_recording()) {
            (true, false) => "training tape",
            (true, true) => "recorded training tape",
            (false, false) => "inference tape",
            (false, true) => "recorded inference tape",
        };
        write_listing(f, kind, &code, &variant)
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code();
        let variant = |i: &Instruction| self.machine().variant(&i.action, &code.types(&i.x));
        write_listing(f, &format!("program on {}", self.machine().name()), code, &variant)
    }
}

fn write_listing(f: &mut fmt::Formatter<'_>, kind: &str, code: &Code, variant: Variant<'_>) -> fmt::Result {
    let count = code.instructions().len();
    let flops: u64 = code.instructions().iter().map(|i| code.cost(i).flops).sum();
    let buffers = bytes_text(code.buffer_bytes());
    writeln!(f, "{kind}: {count} instructions, {}, {buffers} of buffers", flops_text(flops))?;

    let marks = code.chain_marks();
    let instructions = code
        .instructions()
        .iter()
        .enumerate()
        .map(|(k, i)| Row { chain: marks[k], ..Row::new(code, i, variant) });
    let rows: Vec<Row> = std::iter::once(Row::heading()).chain(code.inputs()).chain(instructions).collect();
    let width = |column: fn(&Row) -> &str| rows.iter().map(|r| column(r).chars().count()).max().unwrap_or(0);
    let (value, ty, kernel) = (width(|r| &r.value), width(|r| &r.ty), width(|r| &r.kernel));
    let (flops, bytes) = (width(|r| &r.flops), width(|r| &r.bytes));
    let mut section = "";
    for r in &rows {
        if section != r.section {
            section = r.section;
            writeln!(f, "{section}")?;
        }
        let line = format!(
            "{:<1} {:<value$}  {:<ty$}  {:>flops$}  {:>bytes$}  {:<kernel$}  {}",
            r.chain, r.value, r.ty, r.flops, r.bytes, r.kernel, r.loc
        );
        writeln!(f, "{}", line.trim_end())?;
    }
    for chain in code.chains() {
        let (count, images, local) = (chain.range.len(), chain.images, chain.local.len());
        writeln!(
            f,
            "chain: {count} instructions go through {images} images chunk by chunk; {local} of their values are kept for a chunk only"
        )?;
    }
    Ok(())
}

/// One line, under the title of its section.
#[derive(Default)]
struct Row {
    section: &'static str,
    /// `┌`, `│`, `└` beside the instructions of a chain.
    chain: &'static str,
    value: String,
    ty: String,
    flops: String,
    bytes: String,
    kernel: String,
    loc: String,
}

impl Row {
    fn heading() -> Self {
        let [value, ty, flops, bytes, kernel, loc] =
            ["value", "type", "work", "traffic", "kernel", "line"].map(String::from);
        Self { section: "", chain: "", value, ty, flops, bytes, kernel, loc }
    }

    fn new(code: &Code, i: &Instruction, variant: Variant<'_>) -> Self {
        let types: Vec<String> = i.y.iter().map(|&y| code.slot(y).ty.to_string()).collect();
        let cost = code.cost(i);
        Self {
            section: i.phase.name(),
            chain: "",
            value: code.call(i),
            ty: types.join(", "),
            flops: if cost.flops == 0 { String::new() } else { flops_text(cost.flops) },
            bytes: bytes_text(cost.bytes),
            kernel: variant(i).into(),
            loc: match &i.module {
                Some(module) => format!("{}:{}  {module}", i.loc.file(), i.loc.line()),
                None => format!("{}:{}", i.loc.file(), i.loc.line()),
            },
        }
    }
}

impl Code {
    /// The mark of each instruction.
    fn chain_marks(&self) -> Vec<&'static str> {
        let mut marks = vec![""; self.instructions().len()];
        for Chain { range, .. } in self.chains() {
            marks[range.clone()].fill("│");
            (marks[range.start], marks[range.end - 1]) = ("┌", "└");
        }
        marks
    }

    /// `%7 = relu(%6)`; of an update, the parameters it changes: the first and the last where they are many.
    fn call(&self, i: &Instruction) -> String {
        let spelled = |ids: &[SlotId]| ids.iter().map(|&id| self.spelled(id)).collect::<Vec<_>>().join(", ");
        match &i.action {
            Action::Compute(_) => format!("{} = {}({})", spelled(&i.y), i.name(), spelled(&i.x)),
            Action::Update(_, ids) => match &ids[..] {
                [first, .., last] if ids.len() > 2 => {
                    let count = ids.len();
                    format!(
                        "{}({}, … {}: {count} parameters)",
                        i.name(),
                        self.param(*first),
                        self.param(*last)
                    )
                }
                few => format!(
                    "{}({})",
                    i.name(),
                    few.iter().map(|&p| self.param(p)).collect::<Vec<_>>().join(", ")
                ),
            },
        }
    }

    /// Name of a parameter that is read here; `?` of any other.
    pub fn param(&self, p: ParamId) -> &str {
        self.params.iter().find(|used| used.id == p).map_or("?", |used| &used.name)
    }

    /// What a program starts from.
    fn inputs(&self) -> impl Iterator<Item = Row> {
        let slot = |(section, id): (&'static str, SlotId)| Row {
            section,
            value: self.spelled(id),
            ty: self.slot(id).ty.to_string(),
            ..Row::default()
        };
        let given = self.constants.iter().map(|&(id, _)| ("given", id));
        let fed = self.feeds.iter().map(|&id| ("fed at each run", id));
        let is_set = |(_, slot): &(u32, &Slot)| matches!(slot.place, Place::Source(_));
        let sets = (0..).zip(&self.slots).filter(is_set).map(|(id, _)| ("data sets", SlotId(id)));
        let params = self.params.iter().map(|used| ("parameters", used.slot));
        sets.chain(given).chain(fed).chain(params).map(slot)
    }

    /// `%7`, or the name of the parameter, or of the gradient that is written into the flat buffer.
    pub fn spelled(&self, id: SlotId) -> String {
        match self.slot(id).place {
            Place::Buffer(_) | Place::Fed(_) => id.to_string(),
            Place::Param(p) => self.param(p).to_owned(),
            Place::Grad(p) => format!("{id}→grad {}", self.param(p)),
            Place::Source(s) => format!("data set {s}"),
        }
    }

    /// Bytes of all buffers together, reals as f32; what a chain keeps for a chunk of images is not among them.
    pub fn buffer_bytes(&self) -> u64 {
        let mut sizes = std::collections::BTreeMap::new();
        for id in self.given().chain(self.written()).filter(|id| !self.is_local(**id)) {
            let slot = self.slot(*id);
            if let Place::Buffer(b) = slot.place {
                let size = sizes.entry((slot.ty.dtype == crate::DType::Real, b)).or_insert(0);
                *size = slot.ty.bytes().max(*size);
            }
        }
        sizes.values().sum()
    }
}

/// `38.9 MFLOP`.
fn flops_text(flops: u64) -> String {
    scaled(flops as f64, "FLOP")
}

/// `1.2 MB`.
fn bytes_text(bytes: u64) -> String {
    scaled(bytes as f64, "B")
}

/// `38.9 MFLOP`, `1.2 kB`: a number with the prefix that suits it.
pub fn scaled(x: f64, unit: &str) -> String {
    match x {
        _ if x < 1e3 => format!("{x:.0} {unit}"),
        _ if x < 1e6 => format!("{:.1} k{unit}", x / 1e3),
        _ if x < 1e9 => format!("{:.1} M{unit}", x / 1e6),
        _ => format!("{:.1} G{unit}", x / 1e9),
    }
}
