//! Formulas: LaTeX between dollars becomes MathML, which browsers draw by themselves.
use anyhow::{Result, ensure};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use pulldown_latex::{RenderConfig, Storage, config::DisplayMode, push_mathml};

/// `text` with its formulas, `$…$` and `$$…$$`, as MathML. Code is left alone.
///
/// # Errors
/// Where a formula is not LaTeX, or a dollar is left over.
pub fn replace(text: &str) -> Result<String> {
    let (mut out, mut at, mut in_code) = (String::with_capacity(2 * text.len()), 0, false);
    let options = Options::ENABLE_MATH | Options::ENABLE_TABLES;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        let (latex, display) = match &event {
            Event::InlineMath(latex) => (latex, false),
            Event::DisplayMath(latex) => (latex, true),
            Event::Start(Tag::CodeBlock(_)) | Event::End(TagEnd::CodeBlock) => {
                in_code = !in_code;
                continue;
            }
            Event::Text(text) if !in_code => {
                ensure!(!text.contains('$'), "a dollar that belongs to no formula: {text}");
                continue;
            }
            _ => continue,
        };
        out += &text[at..range.start];
        out += &mathml(latex, display)?;
        at = range.end;
    }
    Ok(out + &text[at..])
}

/// One formula, on one line, with nothing that Markdown would take for its own.
fn mathml(latex: &str, display: bool) -> Result<String> {
    let storage = Storage::new();
    let parser = pulldown_latex::Parser::new(latex, &storage);
    let display_mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let mut mathml = String::new();
    push_mathml(&mut mathml, parser, RenderConfig { display_mode, ..RenderConfig::default() })?;
    // An error is drawn red in the formula instead of being returned.
    ensure!(!mathml.contains("merror"), "not a formula: {latex}");
    // Two slips of the renderer: a space that is escaped twice, and one that is missing between attributes.
    let mathml =
        mathml.replace("&amp;nbsp;", "\u{a0}").replace("&nbsp;", "\u{a0}").replace("\"minsize", "\" minsize");
    let mathml = escape(&mathml.replace('\n', " "));
    // What is wider than a phone is scrolled in a box of its own.
    Ok(if display { format!("<span class=\"formula\">{mathml}</span>") } else { mathml })
}

/// Punctuation between tags as character references.
fn escape(mathml: &str) -> String {
    let mut inside = false;
    let mut out = String::with_capacity(mathml.len());
    for c in mathml.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ => {}
        }
        if !inside && "*_\\`[]!#|~$^".contains(c) {
            out += &format!("&#{};", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_but_not_code() {
        let html = replace("a $x_1 * y$ b `$c$`\n\n```\n$ d $\n```").unwrap();
        assert!(html.starts_with("a <math") && html.contains("</math> b `$c$`\n\n```\n$ d $\n```"), "{html}");
        assert!(html.contains("&#42;") || html.contains('∗'), "{html}");
        assert!(replace(r"$$\frac{a}{b}$$").unwrap().contains(r#"display="block""#));
        assert!(replace(r"$$\Bigl( a\ b \Bigr)$$").unwrap().contains(r#"" minsize="#));
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        assert!(replace(r"$\nosuchcommand x$").is_err());
        assert!(replace(r"$\frac{a$").is_err());
    }
}
