//! A sum over fifty images: sixteen fixed parts, and a tree.
use super::svg::{BLUE, FAINT, ORANGE, Svg};
use anyhow::Result;

/// Images of each part, as `kernels/src/parts.rs` has it.
fn parts(images: usize) -> Vec<usize> {
    (0..16).map(|g| (g + 1) * images / 16 - g * images / 16).collect()
}

pub fn draw() -> Result<String> {
    let mut svg = Svg::new(720, 270);
    let parts = parts(50);
    let x = |i: f64| 30.0 + 42.0 * i;
    svg.text([x(0.0) - 8.0, 20.0], "start", "images in each part, of a batch of 50 (kernels/src/parts.rs)");
    for (i, images) in parts.iter().enumerate() {
        svg.rect([x(i as f64) - 16.0, 32.0, 32.0, 24.0], if i < 8 { "#dbe7f5" } else { "#fbe6cf" });
        svg.text([x(i as f64), 49.0], "middle", images);
    }
    svg.text([x(9.0), 160.0], "start", "each part by whichever thread took it; then");
    // Every level adds the upper half to the lower one.
    for (level, half) in [8, 4, 2, 1].into_iter().enumerate() {
        let y = 92.0 + 42.0 * level as f64;
        for i in 0..half {
            let above = if level == 0 { 58.0 } else { y - 42.0 };
            svg.line([x(i as f64), above], [x(i as f64), y], BLUE);
            svg.line(
                [x((i + half) as f64), above],
                [x(i as f64), y],
                if level == 0 { FAINT } else { ORANGE },
            );
            svg.dot([x(i as f64), y], BLUE);
        }
    }
    svg.text([x(9.0), 180.0], "start", "s[i] += s[i + half] for half = 8, 4, 2, 1");
    Ok(svg.finish())
}

#[cfg(test)]
mod tests {
    /// The figure shows what the kernels do.
    #[test]
    fn parts_are_those_of_the_kernels() {
        let kernels: Vec<usize> = ferrotape_kernels::Parts::of(50).iter().map(|part| part.len()).collect();
        assert_eq!(super::parts(50), kernels);
    }
}
