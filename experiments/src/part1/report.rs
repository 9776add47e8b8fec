//! What part 1 prints.
use crate::{
    output::OutDir,
    results::part1::{Part1, Xor},
};

pub(super) fn print(result: &Part1, out: &OutDir) {
    println!("activation functions over [-5, 5]: largest differences of the tape from the formulas");
    println!("  {:<8} {:>10} {:>10}   {:>12} {:>12}", "", "f", "f'", "f (float64)", "f' (float64)");
    for a in &result.activations {
        println!(
            "  {:<8} {:>10.1e} {:>10.1e}   {:>12.1e} {:>12.1e}",
            a.name, a.value_error, a.derivative_error, a.value_error_f64, a.derivative_error_f64
        );
    }
    println!(
        "\nXOR: mean squared error over the training points at epoch …, % of the validation points right"
    );
    result.xor.iter().for_each(|xor| losses(xor, &result.printed_epochs));
    summary(result);
    concepts(result);
    println!(
        "\nfigures: part1_activations, part1_boundary_<network>, part1_losses, part1_calibration in {}",
        out.path().display()
    );
}

/// A line a run.
fn losses(xor: &Xor, epochs: &[u64]) {
    let header: String = epochs.iter().map(|epoch| format!("{epoch:>8}")).collect();
    let name = format!("{}, {}", xor.network, xor.reduction);
    println!("\n  {name:<34}{header}   right");
    for (i, run) in xor.runs.iter().enumerate() {
        let printed: String = run.printed.iter().map(|loss| format!("{loss:>8.4}")).collect();
        let end = match (run.diverged_at, run.dead) {
            (Some(epoch), _) => format!("  diverged at epoch {epoch}"),
            (None, true) => "  dead".into(),
            (None, false) => String::new(),
        };
        println!("  {:<34}{printed}   {:>5.1}{end}", format!("run {}", i + 1), run.val_acc);
    }
}

fn summary(result: &Part1) {
    println!(
        "\n  {:<28} {:<9} {:>6} {:>6} {:>6} {:>5}   boundary changes from run to run",
        "network", "reduction", "mean", "min", "max", "dead"
    );
    for xor in &result.xor {
        let change = xor.boundary_change.map_or("one run".into(), |c| format!("{c:.1} % of the plane"));
        let (a, dead) = (&xor.accuracy, format!("{}/{}", xor.dead_runs, xor.runs.len()));
        println!(
            "  {:<28} {:<9} {:>6.1} {:>6.1} {:>6.1} {dead:>5}   {change}",
            xor.network, xor.reduction, a.mean, a.min, a.max
        );
    }
}

fn concepts(result: &Part1) {
    let s = &result.snapshots;
    println!(
        "\n(a) (W_k - W_k+1) / lr against backward's gradient, {} steps of {} parameters: apart by {:.1e} of the largest \
         in float32 ({:.0} % of what rounding may do), {:.1e} in float64",
        s.steps,
        s.parameters,
        s.difference,
        100.0 * s.share_of_bound,
        s.difference_f64
    );
    println!("(b) batches an epoch and steps, counted on the loader:");
    for b in &result.batches {
        println!(
            "    N {:>6}, B {:>5}: {:>4} = ceil(N/B) {:>4}, last batch {:>5}; {} epochs {:>5} steps = {:>5}",
            b.images,
            b.batch,
            b.counted_an_epoch,
            b.formula_an_epoch,
            b.last_batch,
            b.epochs,
            b.counted_steps,
            b.formula_steps
        );
    }
    let right = result.parameters.iter().filter(|p| p.formula == p.built).count();
    println!(
        "(c) parameters by formula equal those of the built network in {right} of {} cases (networks, inputs, prediction bias)",
        result.parameters.len()
    );
    let c = &result.calibration;
    println!(
        "(d) softmax after cross-entropy training against the true P(1|x), {} fresh points: mean difference {:.4} \
         (untrained {:.4}), calibration error {:.4}",
        c.points, c.mean_difference, c.mean_difference_untrained, c.reliability.error
    );
    println!(
        "    cross-entropy {:.4}, of P itself {:.4}; {:.2} % right, by Bayes' rule {:.2} %",
        c.cross_entropy, c.least_cross_entropy, c.accuracy, c.best_accuracy
    );
}
