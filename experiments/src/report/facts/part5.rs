//! Learning rates and schedules, in numbers.
use crate::report::{
    curves::{self, at_the_end, mean},
    load::Rates,
    words::thousands,
};

/// One training.
#[derive(Debug, Clone)]
pub struct Course {
    /// `0.1`, `0.1 → 0.01`, `Adam`.
    pub label: String,
    /// Training loss at the end; absent for Adam's, which is not in the result.
    pub loss: Option<f64>,
    /// Validation accuracy at the end, in percent.
    pub validation: f64,
    /// Highest smoothed validation accuracy.
    pub best: f64,
    /// How the last records of validation accuracy scatter, in points: the standard deviation, by the steps from one to
    /// the next, so that a curve that still rises does not count as restless.
    pub unrest: f64,
    /// Records until validation accuracy first reaches 95 % of the highest of all courses; absent where it never does.
    pub records_to_goal: Option<usize>,
    /// Records in all.
    pub records: usize,
    /// Test accuracy in percent.
    pub test: Option<f64>,
    /// Wall-clock seconds.
    pub seconds: Option<f64>,
}

/// All courses of a network: three constant rates, then the schedules and Adam as far as they were run.
#[derive(Debug, Clone)]
pub struct Courses {
    /// The network.
    pub name: String,
    /// At 0.1, 0.01, 0.001.
    pub constant: [Course; 3],
    /// 0.1 to 0.01.
    pub one_fall: Option<Course>,
    /// 0.1 to 0.01 to 0.001.
    pub two_falls: Option<Course>,
    /// Adam.
    pub adam: Option<Course>,
    /// The validation accuracy that `records_to_goal` means.
    pub goal: f64,
    /// Records an epoch; absent where no details are.
    pub per_epoch: Option<f64>,
}

impl Courses {
    /// Of part 5.
    pub fn of(rates: &Rates) -> Self {
        let r = &rates.constant;
        let details = rates.details.as_ref();
        let curves = [&r.val_acc_curve_1, &r.val_acc_curve_01, &r.val_acc_curve_001];
        let losses = [&r.loss_curve_1, &r.loss_curve_01, &r.loss_curve_001];
        let falls = [&rates.sch_1, &rates.sch_01].map(|s| s.as_ref().map(|s| &s.val_acc_curve_1));
        let adam = details.map(|d| &d.adam.val_acc_curve).filter(|curve| !curve.is_empty());
        let all = curves.into_iter().chain(falls.into_iter().flatten()).chain(adam);
        let goal = 0.95 * all.map(|curve| curves::best(curve).1).fold(0.0, f64::max);
        let course = |label: &str, curve: &[f64]| Course::of(label, curve, goal);
        let constant = [0, 1, 2].map(|k| Course {
            loss: losses[k].last().map(|_| at_the_end(losses[k])),
            test: details.map(|d| d.test_accs[k]),
            seconds: details.map(|d| d.seconds[k]),
            ..course(["0.1", "0.01", "0.001"][k], curves[k])
        });
        let fall = |k: usize, label: &str| {
            let s = [&rates.sch_1, &rates.sch_01][k].as_ref()?;
            Some(Course {
                loss: Some(at_the_end(&s.loss_curve_1)),
                test: details.map(|d| d.scheduled_test_accs[k]),
                seconds: Some(s.meta.seconds),
                ..course(label, &s.val_acc_curve_1)
            })
        };
        let adam = adam.zip(details).map(|(curve, d)| Course {
            test: Some(d.adam.test_acc),
            seconds: Some(d.adam.seconds),
            ..course("Adam", curve)
        });
        Self {
            name: r.name.clone(),
            constant,
            one_fall: fall(0, "0.1 → 0.01"),
            two_falls: fall(1, "0.1 → 0.01 → 0.001"),
            adam,
            goal,
            per_epoch: details.map(|d| d.records_per_epoch).filter(|&r| r > 0.0),
        }
    }

    /// All that were run.
    pub fn all(&self) -> impl Iterator<Item = &Course> {
        self.constant.iter().chain(&self.one_fall).chain(&self.two_falls).chain(&self.adam)
    }

    /// `after 3.2 epochs` or `after 290 records`, or that it never gets there.
    pub fn time_to_goal(&self, course: &Course) -> String {
        match (course.records_to_goal, self.per_epoch) {
            (None, _) => "never".into(),
            (Some(records), Some(per_epoch)) => format!("after {:.1} epochs", records as f64 / per_epoch),
            (Some(records), None) => format!("after {} records", thousands(records as u64)),
        }
    }
}

impl Course {
    fn of(label: &str, curve: &[f64], goal: f64) -> Self {
        let last = &curve[curve.len().saturating_sub(curves::LAST)..];
        let steps: Vec<f64> = last.windows(2).map(|w| (w[1] - w[0]).powi(2)).collect();
        let unrest = (mean(&steps) / 2.0).sqrt();
        Self {
            label: label.into(),
            loss: None,
            validation: at_the_end(curve),
            best: curves::best(curve).1,
            unrest,
            records_to_goal: curve.iter().position(|&v| v >= goal).map(|at| at + 1),
            records: curve.len(),
            test: None,
            seconds: None,
        }
    }
}
