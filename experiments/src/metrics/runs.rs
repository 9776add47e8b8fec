//! Statistics over runs, element by element. Lists of unequal length count as far as the shortest goes.

/// The mean over runs of each element; nothing without runs.
pub fn mean<L: AsRef<[f64]>>(runs: &[L]) -> Vec<f64> {
    columns(runs, |column| column.iter().sum::<f64>() / column.len() as f64)
}

/// The standard deviation over runs of each element: the square root of the mean squared distance from the
/// mean, Σ (x − mean)² / (R − 1) for R runs, and 0 for a single one.
pub fn spread<L: AsRef<[f64]>>(runs: &[L]) -> Vec<f64> {
    columns(runs, |column| {
        let mean = column.iter().sum::<f64>() / column.len() as f64;
        let squares: f64 = column.iter().map(|v| (v - mean).powi(2)).sum();
        (squares / (column.len() - 1).max(1) as f64).sqrt()
    })
}

fn columns<L: AsRef<[f64]>>(runs: &[L], statistic: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let shortest = runs.iter().map(|run| run.as_ref().len()).min().unwrap_or(0);
    let mut column = Vec::with_capacity(runs.len());
    let at = |i: usize| {
        column.clear();
        column.extend(runs.iter().map(|run| run.as_ref()[i]));
        statistic(&column)
    };
    (0..shortest).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_by_hand() {
        let runs = [vec![1.0, 2.0, 9.0], vec![3.0, 2.0]];
        assert_eq!(mean(&runs), [2.0, 2.0]);
        assert_eq!(spread(&runs), [2f64.sqrt(), 0.0]);
        assert_eq!(spread(&[[5.0, 7.0]]), [0.0, 0.0]);
        assert!(mean::<Vec<f64>>(&[]).is_empty());
    }
}
