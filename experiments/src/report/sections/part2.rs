//! Part 2: a convolution's forward pass.
use super::{Chapter, Pictures};
use crate::report::{
    answers,
    document::{Block, Figure, Section},
    load::Results,
    words::{magnitude, percent},
};

pub(super) fn section(results: &Results, pictures: &mut Pictures) -> Section {
    let part = results.part2.as_ref();
    let mut chapter = Chapter::new("part2", "Part 2: a convolution's forward pass", part.is_some(), pictures);
    if let Some(p) = part {
        let shape =
            |s: &[usize]| format!("({})", s.iter().map(usize::to_string).collect::<Vec<_>>().join(", "));
        let mut items = vec![
            ["Input".to_owned(), p.meta.data_set.clone()],
            [
                "Shapes".into(),
                format!(
                    "samples {}, kernel {}, output {}",
                    shape(&p.samples_shape),
                    shape(&p.kernel_shape),
                    shape(&p.out_shape)
                ),
            ],
            [
                "Range".into(),
                format!(
                    "{:.2} to {:.2}; {} at or below 0, {} at or above 1",
                    p.min,
                    p.max,
                    percent(p.black_percent),
                    percent(p.white_percent)
                ),
            ],
        ];
        if let Some(f) = &p.float32 {
            items.push([
                "Float32".into(),
                format!(
                    "the fast kernel is off by {} at most; rounding may do {}",
                    magnitude(f.max_error),
                    magnitude(f.max_bound)
                ),
            ]);
        }
        chapter.push(Block::Facts { items });
    }
    let captions = [
        ("part2/part2_clipped", "Outputs clipped to [0, 1]: rows are samples, columns kernels."),
        ("part2/part2_normalised", "The same, normalised to their own range."),
    ];
    let figures: Vec<Figure> = captions
        .iter()
        .filter_map(|(name, caption)| {
            let picture = chapter.pictures.take(name)?;
            Some(Figure { picture, caption: (*caption).into(), pixelated: true })
        })
        .collect();
    if !figures.is_empty() {
        chapter.push(Block::Gallery { figures, caption: String::new(), columns: 2 });
    }
    chapter.finish("part2", answers::part2::answers(results))
}
