//! Sequences: runs of several programs, submitted as one.
use crate::{Error, Feed, Outputs, Params, Program};

/// Runs of one program, one after the other.
#[derive(Debug)]
pub struct Part<'a> {
    /// The program.
    pub program: &'a mut Program,
    /// How often it runs.
    pub runs: usize,
    /// What is fed, run after run, each as many as the program declares.
    pub feeds: &'a [Feed<'a>],
}

/// The steps between two records and the validation after them: several programs that run one after the other, whose kept
/// values are read when all of them are done.
///
/// The CPU loops. A GPU gets all of it as one graph: within it nothing is allocated, copied to or from the host, or
/// waited for. The results are those of running the programs one by one.
///
/// ```
/// use ferrotape_autograd::{Feed, Params, Part, Sequence, Tape};
///
/// let params = Params::seeded(1);
/// let tape = Tape::recording_inference(&params);
/// let x = tape.feed([2]);
/// let mut program = tape.compile(&[x.sum()]);
/// let feeds: [Feed; 2] = [(&[1.0f32, 2.0][..]).into(), (&[3.0f32, 4.0][..]).into()];
/// let mut sequence = Sequence::default();
/// let done = sequence.run(&params, &mut [Part { program: &mut program, runs: 2, feeds: &feeds }])?;
/// assert_eq!([done[0][0][0], done[0][1][0]], [3.0, 7.0]);
/// # Ok::<(), ferrotape_autograd::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Sequence {
    outputs: Vec<Vec<Outputs>>,
    #[cfg(feature = "cuda")]
    graphs: crate::cuda::Graphs,
}

impl Sequence {
    /// Runs all parts: `[part][run]` of the result are the values that part's program kept in that run.
    ///
    /// # Errors
    /// If the feeds are not those the programs declare, or a machine fails.
    ///
    /// # Panics
    /// As [`Program::run`].
    #[track_caller]
    pub fn run(&mut self, params: &Params, parts: &mut [Part<'_>]) -> Result<&[Vec<Outputs>], Error> {
        for part in parts.iter() {
            let (declared, given) = (part.runs * part.program.code.feeds.len(), part.feeds.len());
            if declared != given {
                return Err(Error::FeedCount { expected: declared, given });
            }
            for k in 0..part.runs {
                part.program.check(params, part.feeds_of(k))?;
            }
        }
        self.make_room(parts);
        #[cfg(feature = "cuda")]
        if self.graphs.run(params, parts, &mut self.outputs)? {
            return Ok(&self.outputs);
        }
        for (part, outputs) in parts.iter_mut().zip(&mut self.outputs) {
            for (k, outputs) in outputs.iter_mut().enumerate() {
                let feeds = part.feeds_of(k);
                outputs.clone_from(part.program.run(params, feeds)?);
            }
        }
        Ok(&self.outputs)
    }

    /// Outputs of the size that is needed, those of the last time where they fit.
    fn make_room(&mut self, parts: &[Part<'_>]) {
        self.outputs.resize_with(parts.len(), Vec::new);
        for (part, outputs) in parts.iter().zip(&mut self.outputs) {
            let alike = outputs.first().is_none_or(|first| first.like(part.program.outputs()));
            if !alike {
                outputs.clear();
            }
            outputs.resize(part.runs, part.program.outputs().clone());
        }
    }
}

impl<'a> Part<'a> {
    /// What is fed in run `k`.
    fn feeds_of(&self, k: usize) -> &'a [Feed<'a>] {
        let declared = self.program.code.feeds.len();
        &self.feeds[k * declared..][..declared]
    }
}
