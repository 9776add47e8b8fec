//! The checker under faults: what was spoilt, and who noticed.
use crate::faults;
use ferrotape_autograd::check::{Comparison, Mode, mutation};
use serde::Serialize;
use std::{collections::BTreeMap, fmt::Write};

/// What became of the mutations of one card's gradients.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Spoilt {
    /// Kinds of mutation: an operation and what was done to it.
    pub kinds: usize,
    /// Mutated programs.
    pub programs: usize,
    /// Kinds that dual numbers notice.
    pub exact: usize,
    /// Kinds that finite differences notice.
    pub finite: usize,
    /// Kinds that change nothing.
    pub equivalent: usize,
    /// Kinds that we notice, and the gradient of a sum, in square shapes, does not.
    pub passes_ones: usize,
}

/// A mutation that nobody notices.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Survivor {
    /// Card, operation and mutation.
    pub what: String,
    /// Why it computes the same; none, if that is not known.
    pub proof: Option<&'static str>,
}

/// A mistake written by hand.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Handwritten {
    /// The operation.
    pub op: &'static str,
    /// What is wrong.
    pub mistake: &'static str,
    /// Whether dual numbers, finite differences notice.
    pub noticed: [bool; 2],
    /// Whether the gradient of a sum notices, in shapes and values that hide it.
    pub ones: bool,
    /// What the report says that it looks like.
    pub looks_like: String,
}

/// The table of all faults as Markdown, and whether every one is noticed or proven to change nothing.
pub fn faults_table() -> (String, bool) {
    let rows = mutation::of_cards();
    let (mut cards, mut survivors) = (BTreeMap::<&str, Spoilt>::new(), Vec::new());
    for row in &rows {
        let card = cards.entry(row.card).or_default();
        card.kinds += 1;
        card.programs += row.spoilt;
        card.exact += usize::from(row.exact > 0);
        card.finite += usize::from(row.finite > 0);
        card.passes_ones += usize::from(row.passes_ones > 0);
        if !row.killed() {
            card.equivalent += usize::from(row.proof().is_some());
            let what = format!("`{}`: `{}`, {}", row.card, row.op, row.mutation);
            survivors.push(Survivor { what, proof: row.proof() });
        }
    }
    let by_hand = by_hand();
    let mut text = markdown(&cards, &survivors, &by_hand);
    // Without a mistake they must pass: what fails otherwise proves nothing.
    let wrong =
        faults::right().into_iter().map(|(op, case)| (op, faults::check(&case()))).filter(|(_, r)| !r.ok());
    let wrong: Vec<String> =
        wrong.map(|(op, report)| format!("\n`{op}` by hand is wrong without a mistake:\n{report}")).collect();
    text.extend(wrong.iter().map(String::as_str));
    let ok = survivors.iter().all(|s| s.proof.is_some()) && by_hand.iter().all(|f| f.noticed == [true; 2]);
    (text, ok && wrong.is_empty())
}

/// The mistakes written by hand.
fn by_hand() -> Vec<Handwritten> {
    let row = |fault: faults::Fault| {
        let report = faults::check(&(fault.case)());
        let noticed = |mode: Mode| report.comparisons.iter().any(|c: &Comparison| c.mode == mode && !c.ok());
        let fit = report.explanation.as_ref().and_then(|e| e.fits.first());
        Handwritten {
            op: fault.op,
            mistake: fault.mistake,
            noticed: [Mode::Exact, Mode::Finite].map(noticed),
            ones: faults::ones_notice(&(fault.hidden)()),
            looks_like: fit.map_or_else(|| "none of the usual".into(), |fit| fit.hypothesis.to_string()),
        }
    };
    faults::all().into_iter().map(row).collect()
}

fn markdown(cards: &BTreeMap<&str, Spoilt>, survivors: &[Survivor], by_hand: &[Handwritten]) -> String {
    let mut text = String::from(
        "| gradients of | kinds of fault | programs | duals notice | differences notice | change nothing | pass a cotangent of ones, square |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let mut line = |name: &str, s: &Spoilt| {
        let Spoilt { kinds, programs, exact, finite, equivalent, passes_ones } = s;
        writeln!(
            text,
            "| {name} | {kinds} | {programs} | {exact} | {finite} | {equivalent} | {passes_ones} |"
        )
        .expect("a string");
    };
    let mut all = Spoilt::default();
    for (card, s) in cards {
        line(&format!("`{card}`"), s);
        all = Spoilt {
            kinds: all.kinds + s.kinds,
            programs: all.programs + s.programs,
            exact: all.exact + s.exact,
            finite: all.finite + s.finite,
            equivalent: all.equivalent + s.equivalent,
            passes_ones: all.passes_ones + s.passes_ones,
        };
    }
    line("**all**", &all);
    text += "\nNobody notices, and why:\n\n";
    for Survivor { what, proof } in survivors {
        writeln!(text, "- {what}: {}", proof.unwrap_or("**NOT KNOWN**")).expect("a string");
    }
    text += "\n| by hand | mistake | duals | differences | ones, hidden | the report says |\n|---|---|---|---|---|---|\n";
    for Handwritten { op, mistake, noticed, ones, looks_like } in by_hand {
        let [exact, finite, ones] =
            [noticed[0], noticed[1], *ones].map(|n| if n { "notice" } else { "pass it" });
        writeln!(text, "| `{op}` | {mistake} | {exact} | {finite} | {ones} | {looks_like} |")
            .expect("a string");
    }
    text
}
