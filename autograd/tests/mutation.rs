//! The checker, checked.
use ferrotape_autograd::check::mutation;

/// Every instruction of every card's gradient is spoilt in every way: each is noticed, or stated to change nothing; and
/// many of them a comparison of the gradients of a sum, in square shapes, does not notice.
#[test]
fn every_spoilt_gradient_is_noticed() {
    let rows = mutation::of_cards();
    let survivors: Vec<String> = rows
        .iter()
        .filter(|row| !row.killed() && row.proof().is_none())
        .map(|row| format!("{}: {}, {}", row.card, row.op, row.mutation))
        .collect();
    assert!(survivors.is_empty(), "nobody notices: {survivors:#?}");
    let wrong_proofs: Vec<_> = rows.iter().filter(|row| row.killed() && row.proof().is_some()).collect();
    assert!(wrong_proofs.is_empty(), "said to change nothing, and noticed: {wrong_proofs:#?}");
    let missed_by_differences = rows.iter().filter(|row| row.exact > 0 && row.finite == 0).count();
    let missed_by_duals = rows.iter().filter(|row| row.finite > 0 && row.exact == 0).count();
    let quiet = rows.iter().filter(|row| row.passes_ones > 0).count();
    println!(
        "{} mutations, {} equivalent; differences miss {missed_by_differences}, duals {missed_by_duals}; {quiet} pass a cotangent of ones",
        rows.len(),
        rows.iter().filter(|row| row.proof().is_some()).count(),
    );
    assert_eq!([missed_by_differences, missed_by_duals], [0, 0]);
    assert!(quiet >= 20, "{quiet}");
}
