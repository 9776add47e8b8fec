//! The blocks of the document in Typst's markup.
use super::{argument, content, list, literal};
use crate::report::document::{Agreement, Block, Charts, Confusion, Figure, Table, Verdict};

pub(super) fn block(block: &Block) -> String {
    match block {
        Block::Heading { text } => format!("== {}\n", content(text)),
        Block::Text { text } => format!("{}\n", content(text)),
        Block::Note { text } => format!("#note{}\n", argument(text)),
        Block::List { items } => items.iter().map(|item| format!("- {}\n", content(item))).collect(),
        Block::Facts { items } => {
            let rows = items.iter().map(|[name, value]| format!("{}, {}", argument(name), argument(value)));
            format!("#facts({})\n", list(rows))
        }
        Block::Table(t) => table(t),
        Block::Figure(f) => figure(f),
        Block::Gallery { figures, caption, columns } => {
            let cells = figures.iter().map(|f| {
                let file = literal(f.picture.for_paper());
                format!("gallery-cell({file}, {}, pixelated: {})", argument(&f.caption), f.pixelated)
            });
            format!("#gallery({}, {columns}, ({}))\n", argument(caption), list(cells))
        }
        Block::Charts(c) => charts(c),
        Block::Confusion(c) => confusion(c),
        Block::Question(q) => {
            let answer = q.answer.iter().map(|paragraph| argument(paragraph));
            format!("#question({}, ({}))\n", argument(&q.question), list(answer))
        }
        Block::Verdicts { source, why, items } => {
            let why = if why.is_empty() {
                String::new()
            } else {
                format!(". Not comparable with this run: {}.", why.join(", "))
            };
            let caption = argument(&format!("**{source}**{why}"));
            format!("#verdicts({caption}, {})\n", list(items.iter().map(verdict)))
        }
        Block::Fold { title, blocks } => {
            let inner: String = blocks.iter().map(self::block).collect();
            format!("=== {}\n{inner}", content(title))
        }
    }
}

fn table(t: &Table) -> String {
    let cells = |row: &[String]| list(row.iter().map(|cell| argument(cell)));
    let rows: String = t.rows.iter().map(|row| cells(row) + "\n  ").collect();
    format!("#data-table({}, {}, ({}),\n  {rows})\n", argument(&t.caption), t.numbers, cells(&t.head))
}

fn figure(f: &Figure) -> String {
    format!(
        "#plate({}, {}, pixelated: {})\n",
        literal(f.picture.for_paper()),
        argument(&f.caption),
        f.pixelated
    )
}

fn charts(c: &Charts) -> String {
    match &c.still {
        Some(still) => format!("#plate({}, {})\n", literal(still.for_paper()), argument(&c.caption)),
        None if c.covered => String::new(),
        None => format!(
            "#note{}\n",
            argument(&format!("{}: the figure is not in the folder of results.", c.caption))
        ),
    }
}

fn confusion(c: &Confusion) -> String {
    let rows = c.rows.iter().zip(&c.classes).map(|(row, class)| {
        let cells = row.iter().map(|cell| format!("({}, {:.1})", cell.count, cell.share));
        format!("({}, ({}))", literal(class), list(cells))
    });
    format!("#confusion({}, {})\n", argument(&c.caption), list(rows))
}

fn verdict(v: &Verdict) -> String {
    let word = match v.verdict {
        Agreement::Agree => "agrees",
        Agreement::Disagree => "disagrees",
        Agreement::NotComparable => "not comparable",
        Agreement::NotRun => "not run",
    };
    let why = if v.why.is_empty() { String::new() } else { format!(" ({})", v.why.join("; ")) };
    format!("({}, {}, {})", argument(&v.claim), argument(&(v.ours.clone() + &why)), literal(word))
}
