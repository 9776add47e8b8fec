//! Drawings, as SVG made here: dark lines on white, whatever the page's theme.
mod chain;
mod overlap;
mod roofline;
mod svg;
mod tape;
mod tree;

use anyhow::Result;

/// Draws a figure.
pub type Draw = fn() -> Result<String>;

/// Every figure: its name, and what draws it.
pub const ALL: &[(&str, Draw)] = &[
    ("tape", tape::draw),
    ("overlap", overlap::draw),
    ("tree", tree::draw),
    ("chain", chain::draw),
    ("roofline", roofline::draw),
];

#[cfg(test)]
mod tests {
    /// All of them can be drawn, and none has a number that is none.
    #[test]
    fn figures() {
        for (name, draw) in super::ALL {
            let svg = draw().unwrap();
            assert!(
                svg.starts_with("<svg") && svg.ends_with("</svg>\n") && !svg.contains("NaN"),
                "{name}: {svg}"
            );
        }
    }
}
