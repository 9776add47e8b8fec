//! Recorded tape files, and what `inspect` writes of them.
use crate::{Allowance, Form, Reader};
use ferrotape_autograd::{Feed, Params};
use ferrotape_experiments::exit;
use ferrotape_inspect::{Inspection, Inspector, write};
use ferrotape_nn::{Linear, Module, Sgd, Step};
use std::path::Path;

pub(super) struct Recorded;

impl Reader for Recorded {
    fn name(&self) -> &'static str {
        "inspection"
    }

    /// A training step whose values were looked at, and one that was only recorded.
    fn seeds(&self) -> Vec<Vec<u8>> {
        let params = Params::seeded(1);
        let model = Linear::new(&params, "fc", 2, 3);
        let step = Step::new(|tape, n| {
            let loss = model.forward(tape.feed([n, 2])).relu().cross_entropy(tape.feed_u32(n));
            loss.backward().step(Sgd::default());
            vec![loss]
        });
        let feeds: [Feed<'_>; 2] = [[0.5f32, -1.0][..].into(), [2u32][..].into()];
        let record = |looks: usize| {
            let tape = step.tape(&params);
            let mut inspector = Inspector::of("step", &tape, &step.record(&tape, 1)).expect("a CPU");
            for _ in 0..looks {
                inspector.look(&params, &feeds, true).expect("feeds as declared");
            }
            let mut inspection = inspector.finish();
            // Most of the file would be PTX, which is text whatever it says.
            for kernel in &mut inspection.kernels {
                kernel.text = kernel.text.chars().take(60).collect();
            }
            inspection.to_json().into_bytes()
        };
        vec![record(2), record(0)]
    }

    fn form(&self) -> Form {
        Form::Text
    }

    fn words(&self) -> &[&str] {
        &[
            "null",
            "true",
            "-1",
            "18446744073709551615",
            "4294967295",
            "1e999",
            "{}",
            "[]",
            "\"\"",
            "<",
            "\\u0000",
        ]
    }

    /// The page has the sources of each operation that is named in a few bytes.
    fn allowance(&self) -> Allowance {
        Allowance { per_byte: 200, constant: 32 << 20 }
    }

    fn read(&self, file: &Path) -> Result<(), String> {
        let read = Inspection::read(file).map_err(|error| exit::line(&error))?;
        assert_eq!(Inspection::from_json(&read.to_json()).as_ref(), Ok(&read));
        for written in [write::text(&read), write::page(&read), write::dot(&read), write::trace(&read)] {
            assert!(!written.is_empty());
        }
        Ok(())
    }
}
