//! The order in which instructions and images are gone through, without and with a chain.
use super::svg::{BLUE, INK, ORANGE, Svg};
use anyhow::Result;

const NAMES: [&str; 4] = ["conv2d_relu", "max_pool2d", "conv2d_relu", "max_pool2d"];

pub fn draw() -> Result<String> {
    let mut svg = Svg::new(720, 230);
    grid(&mut svg, 120.0, "one after the other", false);
    grid(&mut svg, 450.0, "as a chain, two threads", true);
    Ok(svg.finish())
}

fn grid(svg: &mut Svg, left: f64, title: &str, chained: bool) {
    svg.text([left + 110.0, 22.0], "middle", title);
    let y = |i: usize| 52.0 + 36.0 * i as f64;
    for (i, name) in NAMES.iter().enumerate() {
        svg.text([left - 8.0, y(i) + 16.0], "end", name);
        for chunk in 0..4 {
            let fill = if chained && chunk % 2 == 1 { "#fbe6cf" } else { "#dbe7f5" };
            svg.rect([left + 55.0 * chunk as f64, y(i), 55.0, 24.0], fill);
        }
    }
    if chained {
        for chunk in 0..4 {
            let x = left + 27.5 + 55.0 * chunk as f64;
            svg.arrow([x, y(0) + 4.0], [x, y(3) + 20.0], if chunk % 2 == 1 { ORANGE } else { BLUE });
        }
    } else {
        for i in 0..4 {
            svg.arrow([left + 6.0, y(i) + 12.0], [left + 214.0, y(i) + 12.0], INK);
        }
    }
    svg.text([left + 110.0, y(4) + 14.0], "middle", "images of the batch, in chunks");
}
