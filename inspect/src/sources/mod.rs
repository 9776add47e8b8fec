//! What an operation is, as it is written: equation, gradient rule, definition and kernels, from the files that were compiled.
mod item;
mod table;

pub use table::{Entry, File, TABLE};

use serde::Serialize;

/// Some lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    /// The file's path in the repository.
    pub path: &'static str,
    /// Number of the first line.
    pub line: usize,
    /// The lines.
    pub text: String,
}

/// An operation as it is written.
#[derive(Clone, Debug, Serialize)]
pub struct Written {
    /// What its documentation says: the equation.
    pub doc: String,
    /// The equation and the gradient in one line, as its card has them.
    pub card: Option<&'static str>,
    /// Its gradient rule; none of a gradient operation, of one that the planner makes, of an update.
    pub vjp: Option<Excerpt>,
    /// Its definition.
    pub definition: Vec<Excerpt>,
    /// Its SIMD kernel.
    pub simd: Vec<Excerpt>,
    /// What launches its GPU kernels, or makes them.
    pub gpu: Vec<Excerpt>,
    /// The files that these are from, and those they call: whole in the page.
    pub files: Vec<&'static str>,
}

/// The file of this path, if an operation is written in it.
pub fn file(path: &str) -> Option<File> {
    let all = |e: &Entry| -> Vec<File> {
        [&[e.file], e.reference, e.simd, e.gpu].into_iter().flatten().copied().collect()
    };
    TABLE.iter().flat_map(all).find(|file| file.path == path)
}

/// The operation whose type has this name (an update: whose name it is), if it is one of Ferrotape's. Its `name` in listings
/// tells it from a user's own of the same type name.
pub fn written(type_name: &str, name: &str) -> Option<Written> {
    let entry = TABLE.iter().find(|entry| entry.types.contains(&type_name))?;
    let is_update = type_name == name && entry.file.path.contains("/update/");
    let in_file = entry.file.text.contains(&format!("\"{name}\""));
    let method = |name| item::method(entry.file, type_name, name);
    // The planner's operations are named after what they join: `conv2d_relu_max_pool2d`.
    let planned = method("vjp").is_none();
    if !(is_update || in_file || planned) {
        return None;
    }
    let cards = ferrotape_autograd::ops::CARDS;
    let stem = entry.file.path.rsplit('/').next()?.trim_end_matches(".rs");
    let all = [&[entry.file], entry.reference, entry.simd, entry.gpu];
    Some(Written {
        doc: item::doc(entry.file, type_name)?,
        card: cards.iter().find(|card| card.name == stem).map(|card| card.equation),
        vjp: method("vjp"),
        definition: with_calls(entry.file, method("reference").or_else(|| method("apply")), entry.reference),
        simd: with_calls(entry.file, method("cpu"), entry.simd),
        gpu: with_calls(entry.file, method("cuda"), entry.gpu),
        files: all.into_iter().flatten().map(|file| file.path).collect(),
    })
}

/// A method of an operation in `file`, and what it calls there and in `files`.
fn with_calls(file: File, own: Option<Excerpt>, files: &[File]) -> Vec<Excerpt> {
    let mut all: Vec<Excerpt> = own.into_iter().collect();
    all.extend(all.first().map(|own| item::helpers(own, file)).unwrap_or_default());
    let called = item::called(&all, files);
    all.extend(called);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferrotape_autograd::ops::NAMES;

    /// An operation that is added to the registry must be added to the table.
    #[test]
    fn every_operation_has_its_sources() {
        for &name in NAMES.iter().chain(&["adam", "sgd"]) {
            let count = TABLE.iter().filter(|entry| entry.types.contains(&name)).count();
            assert_eq!(count, 1, "{name}: entries in inspect/src/sources/table.rs");
            let entry = TABLE.iter().find(|entry| entry.types.contains(&name)).unwrap();
            let doc = item::doc(entry.file, name).unwrap_or_else(|| panic!("{name}: no documentation"));
            assert!(doc.contains('`'), "{name}: its documentation has no equation: {doc}");
            let own = if entry.file.path.contains("/update/") { "apply" } else { "reference" };
            let definition = item::method(entry.file, name, own);
            let definition = definition.unwrap_or_else(|| panic!("{name}: no definition"));
            assert!(definition.text.starts_with("fn ") && definition.text.ends_with('}'));
            let all = with_calls(entry.file, Some(definition), entry.reference);
            let in_kernels = all.iter().any(|e| e.path.starts_with("kernels/"));
            assert!(entry.reference.is_empty() || in_kernels, "{name}: calls nothing of its kernels");
        }
        let known: usize = TABLE.iter().map(|entry| entry.types.len()).sum();
        assert_eq!(known, NAMES.len() + 2, "a type that is no operation");
    }

    /// The kernels that the entries name are those that the operations call.
    #[test]
    fn kernels_are_those_that_are_called() {
        for entry in TABLE {
            for (method, files) in [("cpu", entry.simd), ("cuda", entry.gpu)] {
                let own = |ty: &&str| item::method(entry.file, ty, method);
                let all = entry.types.iter().flat_map(|ty| with_calls(entry.file, own(ty), files));
                let called = all.filter(|e| e.path.starts_with("kernels/")).count();
                assert_eq!(called == 0, files.is_empty(), "{:?}: {method}", entry.types);
            }
        }
    }

    #[test]
    fn a_rule_is_found_and_a_stranger_is_not() {
        let relu = written("Relu", "relu").unwrap();
        assert!(
            relu.doc.starts_with("`y[i] = max(x[i], 0)`\n\nShapes: any; y as x.\nGradient: "),
            "{}",
            relu.doc
        );
        assert!(!relu.doc.contains("```") && !relu.doc.contains("**"), "{}", relu.doc);
        assert!(relu.vjp.unwrap().text.contains("ReluGrad, &[at.y[0], dy]"));
        assert!(relu.definition.last().unwrap().text.starts_with("pub fn forward"));
        assert!(written("ReluGrad", "relu_grad").unwrap().vjp.is_none());
        assert!(written("adam", "adam").unwrap().doc.contains("√v"));
        assert!(written("Relu", "my_relu").is_none(), "somebody else's");
        assert!(written("Swish", "swish").is_none());
    }
}
