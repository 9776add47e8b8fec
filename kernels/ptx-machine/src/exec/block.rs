//! A block: its warps in turn, and its barrier.
use super::{Exec, Stop, isa::Isa, stats::Stats, warp::Warp};
use crate::{
    fault::FaultKind,
    launch::{Launch, Options},
    memory::Slot,
    module::Kernel,
    op::Pc,
    shadow::Shared,
};

/// Instructions a warp runs before it is another's turn, so that a warp can wait for what another stores.
const TURN: u64 = 20_000;

/// What all blocks of a launch have in common.
#[derive(Copy, Clone)]
pub(crate) struct Common<'a> {
    pub kernel: &'a Kernel,
    pub launch: &'a Launch,
    pub args: &'a [u8],
    pub slots: &'a [Slot],
    pub options: &'a Options,
    pub isa: Isa,
}

/// Where a block stopped: instruction, warp, and why.
pub(crate) type Stopped = (Pc, u32, Box<Stop>);

/// A block.
#[derive(Default)]
pub(crate) struct Block {
    pub id: [u32; 3],
    pub warps: Vec<Warp>,
    pub shared: Shared,
    used: u64,
}

impl Block {
    /// Makes it the block of this number, about to start.
    pub fn start(&mut self, common: &Common, linear: u64, stats: &mut Stats) {
        let ([x, y, _], block) = (common.launch.grid.map(u64::from), common.launch.block);
        self.id = [linear % x, linear / x % y, linear / (x * y)].map(|i| i as u32);
        let threads: u32 = block.iter().product();
        self.warps.resize_with(threads.div_ceil(32) as usize, Warp::default);
        for (index, warp) in self.warps.iter_mut().enumerate() {
            warp.start(common.kernel, index as u32, block, self.id, common.launch.grid);
        }
        self.shared.start(common.shared_bytes());
        self.used = 0;
        stats.counters.blocks += 1;
        stats.counters.warps += self.warps.len() as u64;
        stats.counters.threads += u64::from(threads);
    }

    /// Gives each warp a turn; whether the block has more to do.
    pub fn turn(&mut self, common: &Common, stats: &mut Stats) -> Result<bool, Stopped> {
        for index in 0..self.warps.len() {
            if self.warps[index].runnable() {
                let mut exec = self.exec(common, index, stats);
                let left = common.isa.run(&mut exec, TURN);
                let left = left.map_err(|(pc, stop)| (pc, index as u32, stop))?;
                self.used += TURN - left;
            }
        }
        self.check_end(common)?;
        Ok(self.meet(stats))
    }

    /// Opens the barrier if all lanes that have not returned are at it; whether the block has more to do.
    pub fn meet(&mut self, stats: &mut Stats) -> bool {
        if self.warps.iter().any(Warp::runnable) {
            return true;
        }
        let waiting = self.warps.iter().any(Warp::waiting);
        if waiting {
            self.warps.iter_mut().for_each(Warp::release);
            self.shared.barrier();
            stats.counters.barriers += 1;
        }
        waiting
    }

    /// One warp, and all it can touch.
    pub fn exec<'a>(&'a mut self, common: &Common<'a>, index: usize, stats: &'a mut Stats) -> Exec<'a> {
        Exec {
            kernel: common.kernel,
            slots: common.slots,
            args: common.args,
            checks: common.options.checks,
            block: common.launch.block,
            warp: &mut self.warps[index],
            shared: &mut self.shared,
            stats,
        }
    }

    fn check_end(&mut self, common: &Common) -> Result<(), Stopped> {
        let instructions = common.options.most_instructions;
        let Some(index) = self.warps.iter().position(Warp::runnable) else { return Ok(()) };
        if self.used < instructions {
            return Ok(());
        }
        let Some(running) = self.warps[index].select() else { return Ok(()) };
        let lane = running.lanes.trailing_zeros();
        let kind = FaultKind::NoEnd { instructions };
        Err((running.pc, index as u32, Box::new(Stop { lane, kind })))
    }
}

impl Common<'_> {
    /// Shared memory of a block: what the kernel declares, and what the launch adds behind it.
    pub fn shared_bytes(&self) -> u32 {
        shared_bytes(self.kernel, self.launch.shared)
    }
}

/// See [`Common::shared_bytes`].
pub(crate) fn shared_bytes(kernel: &Kernel, dynamic: u32) -> u32 {
    if dynamic == 0 {
        return kernel.shared_bytes;
    }
    kernel.shared_bytes.checked_next_multiple_of(16).unwrap_or(u32::MAX).saturating_add(dynamic)
}
