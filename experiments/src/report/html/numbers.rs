//! JSON for a script element: short numbers, and nothing that could end the element.
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use std::io::{self, Write};

/// `value` as JSON in which no `<` occurs.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Short))?;
    Ok(String::from_utf8(bytes)?.replace('<', "\\u003c"))
}

/// Whole numbers without `.0`.
struct Short;

impl Formatter for Short {
    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        if value.fract() == 0.0 && value.abs() < 1e9 {
            CompactFormatter.write_i64(out, value as i64)
        } else {
            CompactFormatter.write_f64(out, value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::json;

    #[test]
    fn no_element_can_be_closed() {
        assert_eq!(json(&("</script>", 42.0, 0.5, -1.0)).unwrap(), r#"["\u003c/script>",42,0.5,-1]"#);
    }
}
