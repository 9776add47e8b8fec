//! How this was made.
use crate::report::document::{Block, Section};

pub(super) fn section() -> Section {
    let items = [
        "Everything is trained by Ferrotape's own automatic differentiation, kernels and optimisers, without a machine-learning framework.",
        "Training accuracy is that of a record's batch before its update; validation accuracy that of all validation images after it. \
         “At the end” means the mean of the last 50 records (of the last tenth of short curves).",
        "Bold curves are moving averages over a fortieth of the records; curves of more than 1,500 points are thinned so that the smallest and \
         largest value of every stretch stay. On logarithmic axes zeros leave a gap.",
        "This page needs nothing but itself. It contains uPlot 1.6.32, © 2022 Leon Sorokin, under the MIT licence, whose text stands in the page's source.",
        "The same result files give the same report, byte for byte: `report --dir DIR`.",
    ];
    let blocks = vec![Block::List { items: items.map(str::to_owned).into() }];
    Section { id: "colophon".into(), title: "How this was made".into(), run: true, blocks }
}
