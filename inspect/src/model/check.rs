//! A recorded file comes from anywhere: nothing in it may point to what is not there.
use super::{FORMAT, Fate, Inspection, Instruction, Listing, Memory, Picture, Step};
use base64::{Engine, engine::general_purpose::STANDARD};

type Checked = Result<(), String>;

/// The most FLOPs or bytes of anything: sums of them do not overflow.
const MOST: u64 = 1 << 45;

fn must(holds: bool, what: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(what()) }
}

impl Inspection {
    /// # Errors
    /// Where a number points beyond a list, or a picture is not of its size; the text says where.
    pub(super) fn check(&self) -> Checked {
        must(self.format == FORMAT, || {
            format!("format {}, expected {FORMAT}: recorded by another version", self.format)
        })?;
        let count = self.recorded.instructions.len();
        must(self.fates.len() == count, || format!("{} fates of {count} instructions", self.fates.len()))?;
        self.listing("recorded", &self.recorded)?;
        self.listing("planned", &self.planned)?;
        for (k, i) in self.recorded.instructions.iter().enumerate() {
            must(i.recorded == [k], || format!("recorded instruction {k} stands for others"))?;
            must(i.gradient_of.is_none_or(|of| of < k), || {
                format!("recorded instruction {k} is a gradient of a later one")
            })?;
        }
        for (k, fate) in self.fates.iter().enumerate() {
            if let Fate::Done(by) = *fate {
                let done = self.planned.instructions.get(by).is_some_and(|i| i.recorded.contains(&k));
                must(done, || format!("planned instruction {by} is not made of recorded instruction {k}"))?;
            }
        }
        self.memory.iter().try_for_each(|memory| self.memory(memory))?;
        self.steps
            .iter()
            .enumerate()
            .try_for_each(|(k, step)| self.step(step).map_err(|e| format!("run {k} of those looked at: {e}")))
    }

    fn listing(&self, name: &str, listing: &Listing) -> Checked {
        let count = listing.instructions.len();
        for (k, i) in listing.instructions.iter().enumerate() {
            let Instruction { x, y, saved, recorded, gradient_of, launches, .. } = i;
            let slots = x.iter().chain(y).chain(saved).all(|&id| id < self.slots.len());
            let others = recorded.iter().chain(gradient_of).all(|&k| k < self.fates.len());
            must(i.flops.max(i.bytes) <= MOST, || format!("{name} instruction {k} is too much work"))?;
            let kernels = launches.iter().all(|launch| launch.kernel < self.kernels.len());
            must(slots && others && kernels, || {
                format!("{name} instruction {k} points to what is not there")
            })?;
        }
        let mut next = 0;
        for stage in &listing.stages {
            must(stage.first == next && stage.first <= stage.last && stage.last < count, || {
                format!("the {name} stages do not follow each other")
            })?;
            next = stage.last + 1;
        }
        must(next == count, || format!("the {name} stages end before the instructions"))
    }

    fn memory(&self, memory: &Memory) -> Checked {
        // Time is drawn instruction by instruction.
        let most = self.recorded.instructions.len() + self.planned.instructions.len();
        let fits = memory.instructions <= most
            && memory.buffers.iter().all(|buffer| buffer.bytes <= MOST)
            && memory.lives.iter().all(|life| {
                life.first <= life.last
                    && life.last < memory.instructions
                    && life.slot < self.slots.len()
                    && life.bytes <= MOST
                    && life.buffer.is_none_or(|b| b < memory.buffers.len())
            });
        must(fits, || format!("a value lies outside the memory {}", memory.name))
    }

    fn step(&self, step: &Step) -> Checked {
        must(step.seen.len() <= self.slots.len(), || "more values than the program has".into())?;
        must(step.results.iter().all(|(id, _)| *id < self.slots.len()), || "a result of no value".into())?;
        let pictures = step.seen.iter().flatten().filter_map(|seen| seen.picture.as_ref());
        pictures.into_iter().try_for_each(|p| p.check())
    }
}

impl Picture {
    fn check(&self) -> Checked {
        let size = self.tiles.checked_mul(self.height).and_then(|n| n.checked_mul(self.width));
        let cells = STANDARD.decode(&self.cells).map_err(|e| format!("a picture: {e}"))?;
        must(size == Some(cells.len()) && self.columns > 0, || {
            format!(
                "a picture of {} tiles of {}x{} has {} cells",
                self.tiles,
                self.height,
                self.width,
                cells.len()
            )
        })
    }
}
