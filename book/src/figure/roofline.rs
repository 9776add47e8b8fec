//! Convolutions under the roof: `benches/results/vs_pytorch.json`, one thread.
use super::svg::{BLUE, FAINT, GREEN, INK, ORANGE, Svg};
use crate::table::{convolution, one_thread};
use anyhow::{Context, Result};
use serde_json::Value;

/// Images of a batch there.
const BATCH: f64 = 50.0;
/// GB/s of one core from the second-level cache and from the third, as far as NOTES.md says.
const CACHE: f64 = 100.0;

/// A point: FLOP/byte, GFLOP/s, pass.
struct Point(f64, f64, String);

pub fn draw() -> Result<String> {
    let rows = one_thread()?;
    let points: Vec<Point> = rows.iter().filter_map(point).collect();
    let peak = rows.iter().find_map(|row| row["peak_gflops"].as_f64()).context("a peak")?;
    let mut svg = Svg::new(720, 400);
    let x = |intensity: f64| 70.0 + 600.0 * ((intensity.log2() + 1.0) / 7.5);
    let y = |gflops: f64| 340.0 - 300.0 * ((gflops / 32.0).log2() / 2.1);
    for intensity in [0.5f64, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0] {
        svg.line([x(intensity), 40.0], [x(intensity), 340.0], FAINT);
        svg.text([x(intensity), 358.0], "middle", intensity);
    }
    for gflops in [32.0f64, 64.0, 128.0] {
        svg.line([70.0, y(gflops)], [670.0, y(gflops)], FAINT);
        svg.text([62.0, y(gflops) + 4.0], "end", gflops);
    }
    svg.line([x(peak / CACHE), y(peak)], [x(88.0), y(peak)], INK);
    svg.line([x(0.5), y(0.5 * CACHE)], [x(peak / CACHE), y(peak)], INK);
    svg.text([x(0.75), y(0.75 * CACHE) + 16.0], "start", format_args!("{CACHE} GB/s"));
    for Point(intensity, gflops, pass) in &points {
        svg.dot([x(*intensity), y(*gflops)], colour(pass));
    }
    for (k, pass) in ["forward", "wgrad", "dgrad"].into_iter().enumerate() {
        svg.dot([560.0, 270.0 + 20.0 * k as f64], colour(pass));
        svg.text([572.0, 274.0 + 20.0 * k as f64], "start", pass);
    }
    svg.text([370.0, 382.0], "middle", "FLOP a byte that must move (x, w and y once, f32)");
    svg.text([70.0, 20.0], "start", "GFLOP/s");
    svg.text(
        [670.0, 20.0],
        "end",
        format_args!("roof: {peak} GFLOP/s of multiply-adds in registers, same process"),
    );
    Ok(svg.finish())
}

fn colour(pass: &str) -> &'static str {
    match pass {
        "forward" => BLUE,
        "wgrad" => ORANGE,
        _ => GREEN,
    }
}

/// The point of a convolution's row.
fn point(row: &Value) -> Option<Point> {
    let (sizes, pass) = convolution(row)?;
    let [ci, co, k, h] = sizes.map(|n| n as f64);
    let out = h - k + 1.0;
    let bytes = 4.0 * (BATCH * (ci * h * h + co * out * out) + ci * co * k * k);
    let flops = row["flops"].as_f64()?;
    Some(Point(flops / bytes, flops / (row["ours_ms"].as_f64()? * 1e6), pass.to_owned()))
}
