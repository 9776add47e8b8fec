//! What part 5 writes.
use super::{Detector, Part, RATES, Scheduled};
use crate::{
    figure::{self, Chart, Panel, Rate, Scale, Series},
    results::{self, AdamRun, Meta, Part5, Part5Details},
    session::{Run, with_params},
};
use anyhow::Result;

impl Part {
    /// The three constant rates: result and figure.
    pub(super) fn write_constant(&self, runs: &[Run]) -> Result<()> {
        let (session, name) = (&self.session, self.network.name);
        let [r1, r01, r001] = [0, 1, 2].map(|k| &runs[k].history);
        let result = Part5 {
            name: name.into(),
            loss_curve_1: r1.loss.clone(),
            loss_curve_01: r01.loss.clone(),
            loss_curve_001: r001.loss.clone(),
            val_acc_curve_1: r1.val_acc.clone(),
            val_acc_curve_01: r01.val_acc.clone(),
            val_acc_curve_001: r001.val_acc.clone(),
            meta: self.meta("constant", runs.iter().collect()),
        };
        let labels = RATES.map(|rate| format!("lr={rate}"));
        let rate = |k: usize| {
            let (label, run) = (&labels[k], &runs[k]);
            let found = Detector::default().find(&run.history.val_acc, self.records_per_epoch(), 0);
            let plateau = found.map(|epoch| epoch as f64 * self.records_per_epoch());
            Rate { label, loss: &run.history.loss, val_acc: &run.history.val_acc, plateau }
        };
        let rates: Vec<Rate<'_>> = (0..RATES.len()).map(rate).collect();
        let title = session.title(&figure::part5_title(name));
        figure::part5(&title, &rates, &[])?.write(&session.out.file(&format!("part5_{name}")))?;
        session.write(&result)
    }

    /// A schedule: result, and figure with the points where the rate falls.
    pub(super) fn write_scheduled(&self, scheduled: &Scheduled) -> Result<()> {
        let (session, name, which) = (&self.session, self.network.name, scheduled.which);
        let history = &scheduled.run.history;
        let result = results::Scheduled {
            name: name.into(),
            loss_curve_1: history.loss.clone(),
            val_acc_curve_1: history.val_acc.clone(),
            meta: self.meta(which, vec![&scheduled.run]),
        };
        let falls = &scheduled.plateaus[..if which == "sch_1" { 1 } else { 2 }];
        let words = ["0.1 to 0.01", "0.01 to 0.001"];
        let switches: Vec<(f64, &str)> = falls.iter().map(|p| p.record as f64).zip(words).collect();
        let rate = Rate { label: which, loss: &history.loss, val_acc: &history.val_acc, plateau: None };
        let title = session.title(&format!("training of {name} with a falling learning rate ({which})"));
        let file = session.out.file(&format!("part5_{name}_{which}"));
        figure::part5(&title, &[rate], &switches)?.write(&file)?;
        session.write(&result)
    }

    /// The comparison: details, figure, and a table on stdout.
    pub(super) fn write_details(
        &self,
        constant: &[Run],
        scheduled: [&Scheduled; 2],
        adam: AdamRun,
    ) -> Result<()> {
        let (session, name) = (&self.session, self.network.name);
        let histories = scheduled.map(|s| &s.run.history);
        let details = Part5Details {
            name: name.into(),
            rates: RATES.into(),
            test_accs: constant.iter().map(|r| r.history.test_acc).collect(),
            seconds: constant.iter().map(|r| r.history.seconds).collect(),
            method: Detector::default().to_string(),
            plateaus: scheduled[1].plateaus.clone(),
            records_per_epoch: self.records_per_epoch(),
            scheduled_test_accs: histories.map(|h| h.test_acc).into(),
            scheduled_seconds: histories.map(|h| h.seconds).into(),
            scheduled_steps: histories.map(|h| h.steps).into(),
            adam,
            meta: self.meta("details", constant.iter().chain(scheduled.map(|s| &s.run)).collect()),
        };
        let curves = histories.map(|h| h.val_acc.as_slice());
        let panel =
            Panel::new("validation_accuracies", "validation accuracy (%)").scale(Scale::Percent).series([
                Series::new("0.1 to 0.01", 0, curves[0]),
                Series::new("0.1 to 0.01 to 0.001", 1, curves[1]),
                Series::new("Adam", 2, details.adam.val_acc_curve.as_slice()),
            ]);
        let chart = Chart::new(session.title(&format!("{name}: falling rates against Adam"))).panel(panel);
        chart.draw()?.write(&session.out.file(&format!("part5_{name}_adam")))?;
        session.write(&details)?;
        self.say_table(&details);
        Ok(())
    }

    fn say_table(&self, d: &Part5Details) {
        let say = |text: &str| self.session.say(text);
        say(&format!("\n{:<22} {:>8} {:>9}", d.name, "test %", "seconds"));
        for ((rate, test), seconds) in d.rates.iter().zip(&d.test_accs).zip(&d.seconds) {
            say(&format!("{:<22} {test:>8.2} {seconds:>9.1}", format!("lr={rate}")));
        }
        let names = ["0.1 to 0.01", "0.1 to 0.01 to 0.001"];
        for ((name, test), seconds) in names.iter().zip(&d.scheduled_test_accs).zip(&d.scheduled_seconds) {
            say(&format!("{name:<22} {test:>8.2} {seconds:>9.1}"));
        }
        say(&format!("{:<22} {:>8.2} {:>9.1}", "Adam", d.adam.test_acc, d.adam.seconds));
        for plateau in &d.plateaus {
            say(&format!(
                "the rate falls after epoch {} (record {}, {})",
                plateau.epoch, plateau.record, plateau.how
            ));
        }
    }

    fn meta(&self, schedule: &str, runs: Vec<&Run>) -> Meta {
        Meta {
            seconds: runs.iter().map(|run| run.history.seconds).sum(),
            run_test_accs: runs.iter().map(|run| run.history.test_acc).collect(),
            diverged_at: runs.iter().find_map(|run| run.history.diverged_at),
            diverged_by: runs.iter().find_map(|run| run.history.diverged_by.clone()),
            digest: runs.iter().map(|r| format!("{:016x}", r.params.digest())).collect::<Vec<_>>().join(" "),
            ..with_params(self.session.meta(self.flags(schedule)), &runs[0].params)
        }
    }
}
