//! What the writers write, others can read.
mod support;

use ferrotape_inspect::write;
use serde_json::Value;
use std::{
    io::{ErrorKind, Write},
    process::{Command, Stdio},
};

#[test]
fn the_listing_has_all_parts() {
    let (of, _) = support::network("cnn_3", 4, 2);
    let text = write::text(&of);
    for part in ["THE TAPE", "THE PLANNER", "MEMORY", "TIMES", "VALUES after 0 updates", "NORMS OF GRADIENTS"]
    {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    // Gradient instructions stand below the forward one they belong to.
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| line.contains("= conv2d(")).unwrap();
    assert!(lines[at + 1].contains("↳") && lines[at + 1].contains("conv2d_wgrad"), "{}", lines[at + 1]);
    assert!(lines[at].contains("0 (Conv2d)") && lines[at].contains("conv2d.rs:"), "{}", lines[at]);
    let fused = lines.iter().find(|line| line.contains("conv2d_relu_max_pool2d(")).unwrap();
    assert!(fused.contains("conv2d") && fused.contains("relu") && fused.contains("max_pool2d"), "{fused}");
}

/// Braces close, every edge joins declared nodes; and Graphviz draws it, where there is one.
#[test]
fn the_graph_is_one() {
    let (of, _) = support::network("cnn_5", 2, 1);
    let dot = write::dot(&of);
    let mut declared = Vec::new();
    let mut edges = 0;
    let mut depth = 0i32;
    for line in dot.lines().map(str::trim) {
        depth += if line.ends_with('{') { 1 } else { 0 };
        depth -= i32::from(line == "}");
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [from, "->", to, ..] => {
                assert!(declared.contains(&from) && declared.contains(&to), "{line}");
                edges += 1;
            }
            [node, ..] if node.starts_with(['i', 'v']) && line.contains("[label=") => declared.push(node),
            _ => {}
        }
        assert_eq!(line.replace("\\\"", "").matches('"').count() % 2, 0, "{line}");
    }
    let reads: usize = of.recorded.instructions.iter().map(|i| i.x.len()).sum();
    assert_eq!((depth, edges), (0, reads));
    let spawned = Command::new("dot").arg("-Tsvg").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    match spawned {
        Ok(mut child) => {
            child.stdin.take().unwrap().write_all(dot.as_bytes()).unwrap();
            assert!(child.wait_with_output().unwrap().status.success());
        }
        Err(e) if e.kind() == ErrorKind::NotFound => {
            std::io::stderr().write_all(b"\n*** SKIPPED: no `dot` to draw the graph ***\n").unwrap();
        }
        Err(e) => panic!("{e}"),
    }
}

#[test]
fn the_timeline_is_one() {
    let (of, _) = support::network("mlp_2", 4, 1);
    let trace: Value = serde_json::from_str(&write::trace(&of)).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    for track in 1..=3 {
        let mut end = 0.0;
        let own = events.iter().filter(|e| e["ph"] == "X" && e["tid"] == track);
        for event in own.clone() {
            let (ts, dur) = (event["ts"].as_f64().unwrap(), event["dur"].as_f64().unwrap());
            assert!((ts - end).abs() < 1e-6 && dur >= 0.0, "one after the other");
            end = ts + dur;
        }
        assert!(own.count() > 3);
    }
    let one = events.iter().find(|e| e["name"] == "linear_relu" && e["tid"] == 2).unwrap();
    assert!(one["args"]["flops"].as_u64().unwrap() > 0 && one["args"]["GFLOP/s"].as_f64().unwrap() > 0.0);
}
