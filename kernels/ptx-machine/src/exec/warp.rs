//! A warp: 32 lanes, their registers, and where they are.
use crate::{
    module::{Kernel, Side, Special},
    op::Pc,
};

/// Threads of a warp.
pub(crate) const LANES: usize = 32;
/// Registers nobody wrote hold this: as an f32 it is NaN, as an address it is in no allocation.
const POISON: u32 = 0xFFC0_DEAD;

/// Lanes that are at the same instruction.
#[derive(Copy, Clone, Debug)]
struct Group {
    pc: Pc,
    lanes: u32,
    state: State,
}

/// What lanes wait for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Their turn.
    Ready,
    /// Other lanes of the warp, which this instruction wants too.
    Apart,
    /// The block's other threads, at a barrier.
    AtBarrier,
}

/// A group that runs, and where it may meet another.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Running {
    pub pc: Pc,
    pub lanes: u32,
    /// The lowest instruction where other lanes wait to be joined or overtaken.
    pub until: Pc,
    /// Nobody else can come: lanes that are still missing never will.
    pub last: bool,
}

/// A warp.
#[derive(Debug, Default)]
pub(crate) struct Warp {
    pub words: Vec<[u32; LANES]>,
    pub wides: Vec<[u64; LANES]>,
    pub preds: Vec<u32>,
    /// Its number in the block.
    pub index: u32,
    /// Lanes that have not returned.
    pub live: u32,
    /// When its lanes last met in `bar.warp.sync`, on the clock of the block's shared memory.
    pub sync_tick: u32,
    groups: Vec<Group>,
}

impl Warp {
    /// Makes it the warp number `index` of a block, about to start.
    pub fn start(&mut self, kernel: &Kernel, index: u32, block: [u32; 3], id: [u32; 3], grid: [u32; 3]) {
        self.words.clear();
        self.words.resize(kernel.words, [POISON; LANES]);
        self.wides.clear();
        self.wides.resize(kernel.wides, [u64::from(POISON) << 32 | u64::from(POISON); LANES]);
        self.preds.clear();
        self.preds.resize(kernel.preds, 0);
        for (reg, value) in &kernel.word_constants {
            self.words[usize::from(*reg)] = [*value; LANES];
        }
        for (reg, value) in &kernel.wide_constants {
            self.wides[usize::from(*reg)] = [*value; LANES];
        }
        for (reg, special) in &kernel.specials {
            let value = |lane| special_value(*special, lane, index, block, id, grid);
            self.words[usize::from(*reg)] = std::array::from_fn(|lane| value(lane as u32));
        }
        let threads = block.iter().product::<u32>() - index * LANES as u32;
        self.index = index;
        self.live = if threads >= LANES as u32 { u32::MAX } else { (1 << threads) - 1 };
        self.sync_tick = 0;
        self.groups.clear();
        self.groups.push(Group { pc: 0, lanes: self.live, state: State::Ready });
    }

    /// The group that runs next: the one furthest behind, so that the others are caught up with; groups at the same
    /// instruction become one. `None` if all are at a barrier or have returned.
    ///
    /// A path may lie behind the code it comes back to, and then those who wait there are ahead, though their number
    /// is lower. So lanes at an instruction that wants more of them than there are stand apart until no others can run.
    pub fn select(&mut self) -> Option<Running> {
        let lowest = |groups: &[Group], wanted: fn(State) -> bool| {
            groups.iter().filter(|group| wanted(group.state)).map(|group| group.pc).min()
        };
        let inside = |state| state != State::AtBarrier;
        let ready = lowest(&self.groups, |state| state == State::Ready);
        let pc = ready.or_else(|| lowest(&self.groups, inside))?;
        let mut lanes = 0;
        self.groups.retain(|group| {
            let here = inside(group.state) && group.pc == pc;
            if here {
                lanes |= group.lanes;
            }
            !here
        });
        let until = lowest(&self.groups, inside).unwrap_or(Pc::MAX);
        Some(Running { pc, lanes, until, last: ready.is_none() })
    }

    /// Lanes that stand apart, if there are any: those they want have gone past them to the end, so they are the last.
    pub fn stranded(&mut self) -> Option<Running> {
        let apart = |group: &Group| group.state == State::Apart;
        let at = self.groups.iter().position(apart)?;
        let group = self.groups.swap_remove(at);
        Some(Running { pc: group.pc, lanes: group.lanes, until: Pc::MAX, last: true })
    }

    /// Puts lanes aside, to go on at `pc`.
    pub fn park(&mut self, pc: Pc, lanes: u32, state: State) {
        self.groups.push(Group { pc, lanes, state });
    }

    /// Whether some lanes can run.
    pub fn runnable(&self) -> bool {
        self.groups.iter().any(|group| group.state != State::AtBarrier)
    }

    /// Whether some lanes are at a barrier.
    pub fn waiting(&self) -> bool {
        self.groups.iter().any(|group| group.state == State::AtBarrier)
    }

    /// The barrier opens.
    pub fn release(&mut self) {
        self.groups.iter_mut().for_each(|group| group.state = State::Ready);
    }
}

/// A thread's place in its block.
pub(crate) fn thread_id(linear: u32, block: [u32; 3]) -> [u32; 3] {
    [linear % block[0], linear / block[0] % block[1], linear / (block[0] * block[1])]
}

fn special_value(
    special: Special,
    lane: u32,
    warp: u32,
    block: [u32; 3],
    id: [u32; 3],
    grid: [u32; 3],
) -> u32 {
    match special {
        Special::Tid(axis) => thread_id(warp * LANES as u32 + lane, block)[usize::from(axis)],
        Special::Ntid(axis) => block[usize::from(axis)],
        Special::Ctaid(axis) => id[usize::from(axis)],
        Special::Nctaid(axis) => grid[usize::from(axis)],
        Special::LaneId => lane,
        Special::WarpId => warp,
        Special::LaneMask(side) => {
            let (own, below) = (1u32 << lane, (1u32 << lane) - 1);
            match side {
                Side::Eq => own,
                Side::Lt => below,
                Side::Le => below | own,
                Side::Gt => !(below | own),
                Side::Ge => !below,
            }
        }
    }
}
