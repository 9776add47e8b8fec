//! A drawing.
use std::fmt::{Display, Write};

/// Words and frames.
pub const INK: &str = "#222";
/// Grids.
pub const FAINT: &str = "#bbb";
pub const BLUE: &str = "#3465a4";
pub const ORANGE: &str = "#e07b00";
pub const GREEN: &str = "#3a8a3a";

/// An SVG that grows.
pub struct Svg(String);

impl Svg {
    /// An empty white one.
    pub fn new(width: u32, height: u32) -> Self {
        Self(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
        ))
    }

    /// A box, filled.
    pub fn rect(&mut self, [x, y, w, h]: [f64; 4], fill: &str) {
        self.line_of(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"{fill}\" stroke=\"{INK}\" stroke-width=\"0.6\"/>"
        ));
    }

    /// A line.
    pub fn line(&mut self, [x, y]: [f64; 2], [u, v]: [f64; 2], colour: &str) {
        self.line_of(format_args!(
            "<line x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{u:.1}\" y2=\"{v:.1}\" stroke=\"{colour}\" stroke-width=\"1.2\"/>"
        ));
    }

    /// A line with a head at its end.
    pub fn arrow(&mut self, from: [f64; 2], to: [f64; 2], colour: &str) {
        self.line(from, to, colour);
        let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
        let size = dx.hypot(dy);
        let [dx, dy] = [dx / size * 7.0, dy / size * 7.0];
        for side in [0.5, -0.5] {
            self.line([to[0] - dx - side * dy, to[1] - dy + side * dx], to, colour);
        }
    }

    /// A dot.
    pub fn dot(&mut self, [x, y]: [f64; 2], fill: &str) {
        self.line_of(format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{fill}\"/>"));
    }

    /// Words, anchored at `start`, `middle` or `end`.
    pub fn text(&mut self, [x, y]: [f64; 2], anchor: &str, text: impl Display) {
        let text = text.to_string().replace('&', "&amp;").replace('<', "&lt;");
        self.line_of(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{INK}\">{text}</text>"
        ));
    }

    /// The text of it.
    pub fn finish(self) -> String {
        self.0 + "</svg>\n"
    }

    fn line_of(&mut self, what: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{what}").expect("a string takes everything");
    }
}
