//! Learning-rate schedules: functions of how often they were asked to advance (an epoch, a step).

/// A learning rate over time.
pub trait Schedule {
    /// The rate of epoch (or step) `t`, counted from 0.
    fn lr(&self, t: u64) -> f64;
}

/// Always the same.
#[derive(Copy, Clone, Debug)]
pub struct Constant(
    /// The rate.
    pub f64,
);

impl Schedule for Constant {
    fn lr(&self, _: u64) -> f64 {
        self.0
    }
}

/// `lr · gamma^⌊t / every⌋`, PyTorch's StepLR.
#[derive(Copy, Clone, Debug)]
pub struct StepDecay {
    /// Rate at the start.
    pub lr: f64,
    /// Epochs (or steps) between two changes, at least 1.
    pub every: u64,
    /// Factor of a change.
    pub gamma: f64,
}

impl Schedule for StepDecay {
    fn lr(&self, t: u64) -> f64 {
        self.lr * self.gamma.powf((t / self.every.max(1)) as f64)
    }
}

/// `lr · gamma^(milestones passed)`, PyTorch's MultiStepLR.
///
/// ```
/// # use ferrotape_nn::{MultiStep, Schedule};
/// let rate = MultiStep { lr: 0.5, milestones: vec![10, 20], gamma: 0.5 };
/// assert_eq!([0, 9, 10, 19, 20].map(|epoch| rate.lr(epoch)), [0.5, 0.5, 0.25, 0.25, 0.125]);
/// ```
#[derive(Clone, Debug)]
pub struct MultiStep {
    /// Rate at the start.
    pub lr: f64,
    /// When the rate changes: from this epoch (or step) on.
    pub milestones: Vec<u64>,
    /// Factor of a change.
    pub gamma: f64,
}

impl Schedule for MultiStep {
    fn lr(&self, t: u64) -> f64 {
        let passed = self.milestones.iter().filter(|&&m| t >= m).count();
        self.lr * self.gamma.powi(passed as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(schedule: &dyn Schedule) -> Vec<f64> {
        (0..6).map(|t| schedule.lr(t)).collect()
    }

    #[test]
    fn schedules() {
        assert_eq!(rates(&Constant(0.5)), [0.5; 6]);
        let step = StepDecay { lr: 1.0, every: 2, gamma: 0.5 };
        assert_eq!(rates(&step), [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]);
        let multi = MultiStep { lr: 1.0, milestones: vec![4, 1], gamma: 0.5 };
        assert_eq!(rates(&multi), [1.0, 0.5, 0.5, 0.5, 0.25, 0.25]);
    }
}
