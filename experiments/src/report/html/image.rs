//! Pictures as data URIs.
use super::palette;
use anyhow::{Context, Result, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use std::{fs, path::Path};

/// The file as a data URI.
///
/// # Errors
/// If it cannot be read or is neither PNG nor SVG by its first bytes.
pub(super) fn data_uri(path: &Path) -> Result<String> {
    let mut bytes = fs::read(path).with_context(|| format!("{}: cannot read the figure", path.display()))?;
    let kind = match path.extension().and_then(|e| e.to_str()) {
        Some("png") if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => {
            bytes = palette::smaller(bytes).with_context(|| format!("{}: damaged PNG", path.display()))?;
            "image/png"
        }
        Some("svg") if bytes.windows(4).take(1000).any(|w| w == b"<svg") => "image/svg+xml",
        _ => bail!("{}: expected a PNG or SVG picture", path.display()),
    };
    Ok(format!("data:{kind};base64,{}", BASE64_STANDARD.encode(bytes)))
}
