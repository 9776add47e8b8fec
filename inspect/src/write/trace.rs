//! A timeline of one run, for Perfetto (ui.perfetto.dev) or chrome://tracing.
use crate::model::{Inspection, Listing};
use serde_json::{Value, json};

/// The run as events of the Trace Event Format, from medians: a track of what is run at once (chains as a whole), one of its
/// instructions by themselves, one of the tape as it was recorded. Empty where nothing was timed.
pub fn trace(of: &Inspection) -> String {
    let mut events = vec![named("process_name", 0, &format!("{} on {}", of.title, of.machine))];
    let tracks = [
        ("as run, chains whole", stages(of)),
        ("as planned, one by one", instructions(of, &of.planned)),
        ("as recorded, one by one", instructions(of, &of.recorded)),
    ];
    for (k, (name, track)) in (1..).zip(tracks) {
        events.push(named("thread_name", k, name));
        let mut ts = 0.0;
        for (name, phase, ns, args) in track {
            let dur = ns / 1e3;
            events.push(json!({ "name": name, "cat": phase, "ph": "X", "pid": 1, "tid": k, "ts": ts, "dur": dur, "args": args }));
            ts += dur;
        }
    }
    json!({ "traceEvents": events, "displayTimeUnit": "ms" }).to_string()
}

fn named(what: &str, tid: usize, name: &str) -> Value {
    json!({ "name": what, "ph": "M", "pid": 1, "tid": tid, "args": { "name": name } })
}

type Event = (String, &'static str, f64, Value);

fn stages(of: &Inspection) -> Vec<Event> {
    let event = |stage: &crate::model::Stage| {
        let all = &of.planned.instructions[stage.first..=stage.last];
        let ops: Vec<&str> = all.iter().map(|i| &*i.op).collect();
        let name = match stage.images {
            Some(images) => format!("chain of {} over {images} images", ops.len()),
            None => ops.join(", "),
        };
        let flops: u64 = all.iter().map(|i| i.flops).sum();
        Some((name, all[0].phase.name(), stage.ns?, json!({ "instructions": ops, "flops": flops })))
    };
    of.planned.stages.iter().filter_map(event).collect()
}

fn instructions(of: &Inspection, listing: &Listing) -> Vec<Event> {
    let event = |i: &crate::model::Instruction| {
        let types: Vec<&str> = i.y.iter().map(|&y| &*of.slots[y].ty).collect();
        let args = json!({
            "call": i.call(of), "type": types, "flops": i.flops, "bytes": i.bytes, "kernel": i.kernel,
            "line": format!("{}:{}", i.file, i.line), "module": i.module, "GFLOP/s": i.gflops(), "GB/s": i.bandwidth(),
            "% of peak": i.of_peak(of.roof.as_ref()), "recorded": i.recorded,
        });
        Some((i.op.clone(), i.phase.name(), i.ns?, args))
    };
    listing.instructions.iter().filter_map(event).collect()
}
