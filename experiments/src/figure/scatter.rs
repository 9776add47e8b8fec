//! Points with names: parameters against test accuracy.

use rizzma::{HorizontalAlignment as H, VerticalAlignment as V};

use super::Rendered;
use super::frame::{Anchor, Frame, text_width};
use super::legend::Legend;
use super::limits;
use super::page::{Margins, Page, Plot, refuse};
use super::style::{self, DOT, SMALL};
use crate::output::Result;

/// A named point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point<'a> {
    /// What stands beside it.
    pub name: &'a str,
    /// Where it is.
    pub at: [f64; 2],
    /// Index of its colour.
    pub colour: usize,
}

/// Draws named points; points that are not finite are left out.
///
/// # Errors
/// Where there is no finite point.
pub fn scatter(title: &str, x_label: &str, y_label: &str, points: &[Point<'_>]) -> Result<Rendered> {
    let finite: Vec<Point<'_>> =
        points.iter().copied().filter(|p| p.at.iter().all(|v| v.is_finite())).collect();
    if finite.is_empty() {
        return Err(refuse(title, "no finite point to draw".to_owned()));
    }
    let plot = Points { x_label, y_label, points: &finite };
    Page::new(title, Legend::default(), vec![&plot as &dyn Plot]).draw()
}

struct Points<'a> {
    x_label: &'a str,
    y_label: &'a str,
    points: &'a [Point<'a>],
}

/// A rectangle in inches: left, low, right, high.
type Room = [f64; 4];

/// Where words may stand about a point, the best first: step right and up, and the side that is anchored.
const PLACES: [([f64; 2], H, V); 6] = [
    ([0.09, 0.0], H::Left, V::Center),
    ([-0.09, 0.0], H::Right, V::Center),
    ([0.0, 0.08], H::Center, V::Bottom),
    ([0.0, -0.08], H::Center, V::Top),
    ([0.07, 0.07], H::Left, V::Bottom),
    ([-0.07, -0.07], H::Right, V::Top),
];

impl Plot for Points<'_> {
    fn draw(&self, frame: &mut Frame<'_>) {
        let range = |axis: usize| {
            let values: Vec<f64> = self.points.iter().map(|p| p.at[axis]).collect();
            let (low, high) = limits::around(&values, &[], (0.0, 1.0));
            // Names need room beyond the outermost points.
            (low - (high - low) * 0.08, high + (high - low) * 0.08)
        };
        let (x, y) = (range(0), range(1));
        frame.limits(x, y);
        let [width, height] = frame.inches();
        let inch = [width / (x.1 - x.0), height / (y.1 - y.0)];
        let place = |p: &Point<'_>| [(p.at[0] - x.0) * inch[0], (p.at[1] - y.0) * inch[1]];
        let mut taken: Vec<Room> =
            self.points.iter().map(place).map(|[x, y]| [x - 0.05, y - 0.05, x + 0.05, y + 0.05]).collect();
        for (i, point) in self.points.iter().enumerate() {
            frame.dot(point.at[0], point.at[1], style::colour(point.colour), DOT);
            let at = place(point);
            let free = |room: &Room| {
                let inside = room[0] > 0.0 && room[1] > 0.0 && room[2] < width && room[3] < height;
                inside && taken.iter().enumerate().all(|(j, other)| j == i || !overlap(room, other))
            };
            let rooms = PLACES.map(|place| (room(at, point.name, place), place));
            let (room, (step, h, v)) = rooms.into_iter().find(|(room, _)| free(room)).unwrap_or(rooms[0]);
            let words_at = [point.at[0] + step[0] / inch[0], point.at[1] + step[1] / inch[1]];
            frame.text(words_at, point.name, Anchor(h, v), style::ink());
            taken.push(room);
        }
        frame.labels(self.x_label, self.y_label);
    }

    fn margins(&self) -> Margins {
        Margins { top: 0.1, ..Margins::default() }
    }

    fn words(&self) -> String {
        let names: Vec<&str> = self.points.iter().map(|p| p.name).collect();
        format!("{} over {} of {}", self.y_label, self.x_label, names.join(", "))
    }
}

/// The rectangle of `name` at one of its places about a point.
fn room([x, y]: [f64; 2], name: &str, ([right, up], h, v): ([f64; 2], H, V)) -> Room {
    let (width, height) = (text_width(name, SMALL), 0.12);
    let left = match h {
        H::Left => 0.0,
        H::Center => -width / 2.0,
        H::Right => -width,
    };
    let low = match v {
        V::Top => -height,
        V::Center => -height / 2.0,
        V::Baseline | V::Bottom => 0.0,
    };
    [x + right + left, y + up + low, x + right + left + width, y + up + low + height]
}

fn overlap(a: &Room, b: &Room) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}
