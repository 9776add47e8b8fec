//! Several runs side by side: the launch of one run becomes that of R of them, each in memory of its own.
//!
//! A small network's step fills a fraction of a card; R such steps at once, of R trainings, fill more of it in nearly the same
//! time. No kernel is written twice for that. Its text is rewritten:
//!
//! - The grid is R times as deep. What the kernel takes for its z is z mod the depth of one run; z / depth is the *replica*.
//! - Every parameter of 8 bytes has a companion of 4, its *distance*: bytes from what it addresses for one replica to what it
//!   addresses for the next; 0 for what all of them share (a data set) and for numbers. Behind the instruction that loads
//!   the parameter stands another, `address += replica * distance`.
//!
//! So each replica does, block by block, what it would do alone: its results have the same bits.
use super::{Arg, Launch, Text, comments};
use std::ops::Range;

/// Blocks that a grid may be deep.
const DEEPEST: u32 = 65_535;

impl Launch {
    /// This launch for `replicas` runs side by side: `distance` gives the bytes from one replica's operand to the next one's.
    ///
    /// # Panics
    /// If the grid were deeper than a GPU allows, or if the text loads an address otherwise than by
    /// `ld.param.u64 %register, [parameter];`.
    #[track_caller]
    pub fn side_by_side(&self, replicas: u32, mut distance: impl FnMut(Arg) -> u32) -> Self {
        let [x, y, depth] = self.grid;
        let deep = depth.checked_mul(replicas).filter(|&deep| deep <= DEEPEST);
        let Some(deep) = deep else {
            panic!("cuda: {}: {replicas} runs of a grid {depth} deep; a GPU has {DEEPEST}", self.entry)
        };
        let distances = self.args.iter().filter_map(|&arg| match arg {
            Arg::U32(_) | Arg::F32(_) | Arg::F64(_) => None,
            Arg::U64(_) => Some(Arg::U32(0)),
            address => Some(Arg::U32(distance(address))),
        });
        let args = self.args.iter().copied().chain(distances).collect();
        Self { text: rewritten(&self.text, depth), grid: [x, y, deep], args, ..self.clone() }
    }
}

/// The module with every kernel for replicas of a grid `depth` deep, called after the module of one run: `NAME x R`.
fn rewritten(text: &Text, depth: u32) -> Text {
    let name = format!("{} x R", text.name());
    let ptx = rewrite(text.ptx(), depth);
    Text::Made(name.into(), ptx.into())
}

/// What is read in place of what.
type Edits = Vec<(Range<usize>, String)>;

fn rewrite(ptx: &str, depth: u32) -> String {
    // Places are found where comments are blank, and edited where they are not.
    let code = comments::blanked(ptx);
    assert!(!code.contains("%replica"), "cuda: the names %replica... are for runs side by side");
    let mut edits = Edits::new();
    let entries: Vec<usize> = code.match_indices(".entry").map(|(at, _)| at).collect();
    for (k, &from) in entries.iter().enumerate() {
        let to = entries.get(k + 1).copied().unwrap_or(code.len());
        let body = from + code[from..to].find('{').expect("a kernel has a body") + 1;
        let pointers = companions(&code, from..body, &mut edits);
        let own_z = own_z(&code, body..to, depth, &mut edits);
        edits.push((body..body, prologue(depth, own_z)));
        displace(&code, body..to, &pointers, &mut edits);
    }
    apply(ptx, edits)
}

/// Gives each parameter of 8 bytes its companion; their names.
fn companions<'a>(code: &'a str, head: Range<usize>, edits: &mut Edits) -> Vec<&'a str> {
    let text = &code[head.clone()];
    let Some((open, close)) = text.find('(').zip(text.find(')')) else { return Vec::new() };
    let params = text[open + 1..close].split(',');
    let wide = params.filter(|param| param.split_whitespace().any(|word| word == ".u64"));
    let names: Vec<&str> = wide.filter_map(|param| param.split_whitespace().last()).collect();
    let companions = names.iter().map(|name| format!(", .param .u32 {}", companion(name)));
    edits.push((head.start + close..head.start + close, companions.collect()));
    names
}

fn companion(name: &str) -> String {
    format!("{name}_distance")
}

/// Puts the kernel's own place and depth where it asks for those of the grid; whether it does.
fn own_z(code: &str, body: Range<usize>, depth: u32, edits: &mut Edits) -> bool {
    let before = edits.len();
    for (special, own) in [("%ctaid.z", "%replica_z".to_owned()), ("%nctaid.z", depth.to_string())] {
        let uses = code[body.clone()].match_indices(special);
        edits.extend(uses.map(|(at, _)| (body.start + at..body.start + at + special.len(), own.clone())));
    }
    edits.len() > before
}

/// Which replica a block works for.
fn prologue(depth: u32, own_z: bool) -> String {
    let mut text = "\n    // Runs side by side: which one this block works for.\n    \
                    .reg .u32 %replica, %replica_distance;\n    mov.u32 %replica, %ctaid.z;\n"
        .to_owned();
    if own_z {
        text += &format!("    .reg .u32 %replica_z;\n    rem.u32 %replica_z, %replica, {depth};\n");
    }
    if depth > 1 {
        text += &format!("    div.u32 %replica, %replica, {depth};\n");
    }
    text
}

/// Moves every address to its replica's, behind the instruction that loads it.
#[track_caller]
fn displace(code: &str, body: Range<usize>, pointers: &[&str], edits: &mut Edits) {
    const LOAD: &str = "ld.param.u64";
    for (at, _) in code[body.clone()].match_indices(LOAD) {
        let at = body.start + at;
        // A label or another statement ends before it; a predicate is part of it.
        let start = code[..at].rfind([';', '{', '}', ':']).map_or(0, |end| end + 1);
        let end = at + code[at..].find(';').expect("a statement ends") + 1;
        let predicate = code[start..at].trim_start();
        let operands = code[at + LOAD.len()..end - 1].split_once(',');
        let parts = operands.and_then(|(register, of)| {
            let name = of.trim().strip_prefix('[')?.strip_suffix(']')?.trim();
            Some((register.trim(), name)).filter(|(_, name)| pointers.contains(name))
        });
        let Some((register, name)) = parts else {
            panic!("cuda: not the load of a parameter: {}", code[start..end].trim())
        };
        let companion = companion(name);
        let added = format!(
            " {predicate}ld.param.u32 %replica_distance, [{companion}]; \
             {predicate}mad.wide.u32 {register}, %replica, %replica_distance, {register};"
        );
        edits.push((end..end, added));
    }
}

/// The text with its edits, none of which overlap.
fn apply(text: &str, mut edits: Edits) -> String {
    edits.sort_by_key(|(place, _)| place.start);
    let mut edited =
        String::with_capacity(text.len() + edits.iter().map(|(_, new)| new.len()).sum::<usize>());
    let mut done = 0;
    for (place, new) in edits {
        edited += &text[done..place.start];
        edited += &new;
        done = place.end;
    }
    edited + &text[done..]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KERNEL: &str = "// ld.param.u64 %no, [comment]; %ctaid.z\n.visible .entry both(.param .u64 x, // (in)\n\
                          .param .u32 n, .param .u64 y)\n.maxntid 32\n{\nTOP: @!%p ld.param.u64 %x, [x]; add.u64 %x, %x, 4;\n\
                          ld.param.u64 %y, [ y ]; mov.u32 %z, %ctaid.z; mov.u32 %d, %nctaid.z;\n}\n\
                          .visible .entry none { ret; }\n";

    fn launch(depth: u32) -> Launch {
        let text = Text::File("both.ptx", KERNEL);
        let args = vec![Arg::X(0), Arg::U32(7), Arg::Y(0)];
        Launch { grid: [3, 2, depth], ..Launch::new(text, "both", 1, 32, args) }
    }

    #[test]
    fn a_launch_has_a_distance_for_each_address() {
        let both = launch(5).side_by_side(4, |arg| if arg == Arg::X(0) { 512 } else { 256 });
        assert_eq!(both.grid, [3, 2, 20]);
        let args = [Arg::X(0), Arg::U32(7), Arg::Y(0), Arg::U32(512), Arg::U32(256)];
        assert_eq!((&both.args[..], both.block, &*both.entry), (&args[..], [32, 1, 1], "both"));
    }

    #[test]
    fn every_address_is_displaced_and_z_is_the_kernels_own() {
        let expected = "// ld.param.u64 %no, [comment]; %ctaid.z\n.visible .entry both(.param .u64 x, // (in)\n\
            .param .u32 n, .param .u64 y, .param .u32 x_distance, .param .u32 y_distance)\n.maxntid 32\n{\n    \
            // Runs side by side: which one this block works for.\n    .reg .u32 %replica, %replica_distance;\n    \
            mov.u32 %replica, %ctaid.z;\n    .reg .u32 %replica_z;\n    rem.u32 %replica_z, %replica, 5;\n    \
            div.u32 %replica, %replica, 5;\n\nTOP: @!%p ld.param.u64 %x, [x]; \
            @!%p ld.param.u32 %replica_distance, [x_distance]; \
            @!%p mad.wide.u32 %x, %replica, %replica_distance, %x; add.u64 %x, %x, 4;\n\
            ld.param.u64 %y, [ y ]; ld.param.u32 %replica_distance, [y_distance]; \
            mad.wide.u32 %y, %replica, %replica_distance, %y; mov.u32 %z, %replica_z; mov.u32 %d, 5;\n}\n\
            .visible .entry none {\n    // Runs side by side: which one this block works for.\n    \
            .reg .u32 %replica, %replica_distance;\n    mov.u32 %replica, %ctaid.z;\n    \
            div.u32 %replica, %replica, 5;\n ret; }\n";
        assert_eq!(launch(5).side_by_side(2, |_| 0).text.ptx(), expected);
    }

    #[test]
    #[should_panic(expected = "runs of a grid 5000 deep")]
    fn a_grid_has_an_end() {
        launch(5000).side_by_side(14, |_| 0);
    }

    #[test]
    #[should_panic(expected = "not the load of a parameter: ld.param.u64 %x, [x+8];")]
    fn an_address_that_is_found_otherwise_is_none() {
        let text = Text::File("odd.ptx", ".entry odd(.param .u64 x) { ld.param.u64 %x, [x+8]; }");
        Launch::new(text, "odd", 1, 1, vec![Arg::X(0)]).side_by_side(2, |_| 0);
    }
}
