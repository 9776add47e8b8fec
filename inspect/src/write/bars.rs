//! Buffers over time, in characters.
use super::numbers::scaled;
use crate::model::Memory;
use std::fmt::Write;

/// A line a buffer, a column an instruction: `█` and `▓` in turn where a value must be there, `·` where the buffer is free.
pub(super) fn bars(memory: &Memory) -> String {
    let mut text = String::new();
    let count = memory.instructions;
    let axis = (0..count).map(|k| if k % 10 == 0 { char::from(b'0' + (k / 10 % 10) as u8) } else { '·' });
    let _ = writeln!(text, "{:>9}  {}", "", axis.collect::<String>());
    for (b, buffer) in memory.buffers.iter().enumerate() {
        let mut line = vec!['·'; count];
        let mut lives: Vec<_> = memory.lives.iter().filter(|life| life.buffer == Some(b)).collect();
        lives.sort_by_key(|life| life.first);
        for (k, life) in lives.iter().enumerate() {
            line[life.first..=life.last].fill(if k % 2 == 0 { '█' } else { '▓' });
        }
        let names: Vec<&str> = lives.iter().map(|life| &*life.name).collect();
        let kind = if buffer.real { "" } else { " (u32)" };
        let line: String = line.into_iter().collect();
        let _ = writeln!(text, "{:>9}  {line}  {}{kind}", scaled(buffer.bytes as f64, "B"), names.join(" "));
    }
    let local = memory.lives.iter().filter(|life| life.buffer.is_none());
    let names: Vec<&str> = local.map(|life| &*life.name).collect();
    if !names.is_empty() {
        let _ = writeln!(text, "for a chunk of images only: {}", names.join(" "));
    }
    text
}
