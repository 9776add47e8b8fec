//! What is added to the SVG the plotting crate writes.

/// Decimals kept of a coordinate in pixels.
const DECIMALS: usize = 2;

/// Names the picture for search engines, screen readers and `grep`: its text is drawn as outlines.
///
/// Coordinates of paths are cut to a hundredth of a pixel, which halves the file.
pub(super) fn finish(svg: &str, title: &str, description: &str) -> String {
    let (root, body) = svg.split_at(svg.find('>').map_or(0, |end| end + 1));
    let (title, description) = (escape(title), escape(description));
    let body = shorten_paths(body);
    format!("{root}<title>{title}</title><desc>{description}</desc>{body}\n")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn shorten_paths(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    for (i, part) in body.split('"').enumerate() {
        if i > 0 {
            out.push('"');
        }
        // Attribute values are the odd parts; only path data is measured in pixels throughout.
        if i % 2 == 1 && out.ends_with(" d=\"") {
            shorten_numbers(part, &mut out);
        } else {
            out.push_str(part);
        }
    }
    out
}

fn shorten_numbers(data: &str, out: &mut String) {
    let numeric = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    let mut rest = data;
    while let Some(start) = rest.find(numeric) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !numeric(c)).unwrap_or(rest.len());
        out.push_str(&shorten(&rest[..end]));
        rest = &rest[end..];
    }
    out.push_str(rest);
}

fn shorten(number: &str) -> String {
    let Ok(value) = number.parse::<f64>() else {
        return number.to_owned();
    };
    let text = format!("{value:.DECIMALS$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "-0" | "" => "0".to_owned(),
        text => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_path_data_is_shortened() {
        let svg = r#"<svg width="1.23456"><path d="M-0.001 12.3456 L3 100"/></svg>"#;
        let expected = "<svg width=\"1.23456\"><title>a&amp;b</title><desc>c</desc>\
                        <path d=\"M0 12.35 L3 100\"/></svg>\n";
        assert_eq!(finish(svg, "a&b", "c"), expected);
    }
}
