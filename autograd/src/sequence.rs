//! Sequences: runs of several programs, submitted as one.
use crate::{Error, Feed, Outputs, ParamInfo, Params, Program};
use std::ptr;

/// Runs of one program, one after the other.
#[derive(Debug)]
pub struct Part<'a> {
    /// The program.
    pub program: &'a mut Program,
    /// How often it runs.
    pub runs: usize,
    /// What is fed, run after run, each as many as the program declares; of stores side by side, all of one store's runs after
    /// those of the store before.
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
    outputs: Vec<Vec<Vec<Outputs>>>,
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
            part.program.assert_own(params);
        }
        Ok(&self.run_side_by_side(&[params], parts)?[0])
    }

    /// Runs all parts for each of `stores`: several trainings of one network, each with values, counters, seed, rate and feeds of
    /// its own. `[store][part][run]` of the result are the values kept.
    ///
    /// The programs may be recorded with any store; these are like it and like each other, parameter for parameter. A GPU does
    /// all of it in as many launches as one store takes, each with the blocks of all of them; other machines loop. The results are
    /// those of running the stores one by one.
    ///
    /// # Errors
    /// As [`Sequence::run`], and if the device has no room for so many.
    ///
    /// # Panics
    /// As [`Program::run`], if no store is given or one twice, or if they are not alike.
    #[track_caller]
    pub fn run_side_by_side(
        &mut self,
        stores: &[&Params],
        parts: &mut [Part<'_>],
    ) -> Result<&[Vec<Vec<Outputs>>], Error> {
        assert_alike(stores, parts.iter().any(|part| part.program.updates()));
        for part in parts.iter() {
            let declared = stores.len() * part.runs * part.program.code.feeds.len();
            if declared != part.feeds.len() {
                return Err(Error::FeedCount { expected: declared, given: part.feeds.len() });
            }
            part.program.assert_ready(stores[0]);
            for feeds in (0..stores.len() * part.runs).map(|k| part.feeds_of_run(k)) {
                part.program.code.check_feeds(feeds)?;
            }
        }
        self.make_room(stores.len(), parts);
        #[cfg(feature = "cuda")]
        if self.graphs.run(stores, parts, &mut self.outputs)? {
            return Ok(&self.outputs);
        }
        for (r, (params, outputs)) in stores.iter().zip(&mut self.outputs).enumerate() {
            for (part, outputs) in parts.iter_mut().zip(outputs) {
                for (k, outputs) in outputs.iter_mut().enumerate() {
                    let feeds = part.feeds_of_run(r * part.runs + k);
                    outputs.clone_from(part.program.run_checked(params, feeds, None)?);
                }
            }
        }
        Ok(&self.outputs)
    }

    /// Outputs of the size that is needed, those of the last time where they fit.
    fn make_room(&mut self, stores: usize, parts: &[Part<'_>]) {
        self.outputs.resize_with(stores, Vec::new);
        for outputs in &mut self.outputs {
            outputs.resize_with(parts.len(), Vec::new);
            for (part, outputs) in parts.iter().zip(outputs) {
                let alike = outputs.first().is_none_or(|first| first.like(part.program.outputs()));
                if !alike {
                    outputs.clear();
                }
                outputs.resize(part.runs, part.program.outputs().clone());
            }
        }
    }
}

/// # Panics
/// If the stores are not different ones of the same parameters; which, to be updated together, were updated alike.
#[track_caller]
fn assert_alike(stores: &[&Params], updated: bool) {
    let [first, others @ ..] = stores else { panic!("side by side: no store") };
    let alike = |a: &ParamInfo, b: &ParamInfo| {
        let place = |p: &ParamInfo| (p.shape, p.layout, p.range.clone(), p.frozen);
        let same = a.name == b.name && place(a) == place(b);
        same && (!updated || (a.lr_scale, &a.rule, a.updates) == (b.lr_scale, &b.rule, b.updates))
    };
    for (k, other) in others.iter().enumerate() {
        let k = k + 1;
        let twice = stores[..k].iter().any(|store| ptr::eq(*store, *other));
        assert!(!twice, "side by side: store {k} is given twice");
        let (here, there) = (first.table(), other.table());
        let counts = (here.len(), there.len());
        assert!(counts.0 == counts.1, "side by side: {} parameters, but {} in store {k}", counts.0, counts.1);
        let unlike = here.iter().zip(there.iter()).find(|(a, b)| !alike(a, b));
        if let Some((a, _)) = unlike {
            panic!("side by side: parameter {} of store {k} is not like the first's", a.name)
        }
    }
}

impl<'a> Part<'a> {
    /// What is fed in run `k`, those of all stores counted.
    fn feeds_of_run(&self, k: usize) -> &'a [Feed<'a>] {
        let declared = self.program.code.feeds.len();
        &self.feeds[k * declared..][..declared]
    }

    /// What is fed in all runs of store `k`.
    #[cfg(feature = "cuda")]
    pub(crate) fn feeds_of(&self, k: usize) -> &'a [Feed<'a>] {
        let each = self.runs * self.program.code.feeds.len();
        &self.feeds[k * each..][..each]
    }
}
