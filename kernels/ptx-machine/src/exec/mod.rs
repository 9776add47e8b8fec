//! Running: warps here, what instructions do in the files beside, blocks and grids in `block` and `grid`.
mod atomic;
mod block;
mod compare;
mod convert;
mod double;
mod float;
mod global;
mod grid;
mod integer;
mod isa;
mod lanes;
mod scalar;
mod shared;
mod stats;
mod trace;
mod warp;
mod wide;

use self::{
    stats::Stats,
    warp::{LANES, State, Warp},
};
use crate::{
    fault::FaultKind,
    launch::Checks,
    memory::Slot,
    module::Kernel,
    op::{Access, Guard, Op, Pc, Reg, Space},
    shadow::Shared,
};
pub(crate) use block::{Common, shared_bytes};
pub(crate) use grid::launch;
pub(crate) use isa::Isa;
pub use trace::{Step, trace};

/// Why a warp stops: which lane, and what it did.
#[derive(Debug)]
pub(crate) struct Stop {
    pub lane: u32,
    pub kind: FaultKind,
}

impl Stop {
    /// Whether the instruction could go on if other lanes came to it.
    fn missing_lanes(&self) -> bool {
        matches!(self.kind, FaultKind::DivergentBarrier { .. } | FaultKind::WrongMask { .. })
    }
}

/// A fault is rare, so results are kept small.
type Done = Result<(), Box<Stop>>;

/// A warp that runs, and all that it can touch.
pub(crate) struct Exec<'a> {
    pub kernel: &'a Kernel,
    pub slots: &'a [Slot],
    pub args: &'a [u8],
    pub checks: Checks,
    pub block: [u32; 3],
    pub warp: &'a mut Warp,
    pub shared: &'a mut Shared,
    pub stats: &'a mut Stats,
}

/// Is told of each instruction a warp has run.
pub(crate) trait Observer {
    fn after(&mut self, exec: &Exec, pc: Pc, lanes: u32);
}

/// Nobody looks.
pub(crate) struct Unseen;

impl Observer for Unseen {
    #[inline(always)]
    fn after(&mut self, _: &Exec, _: Pc, _: u32) {}
}

impl Exec<'_> {
    /// Runs the warp until all its lanes wait or have returned, or `budget` instructions are over; what is left of the
    /// budget.
    #[inline(always)]
    pub fn run(&mut self, mut budget: u64, observer: &mut impl Observer) -> Result<u64, (Pc, Box<Stop>)> {
        let kernel = self.kernel;
        let Some(mut now) = self.warp.select() else { return Ok(budget) };
        loop {
            if now.pc >= now.until || now.lanes == 0 {
                if now.lanes != 0 {
                    self.warp.park(now.pc, now.lanes, State::Ready);
                }
                match self.warp.select() {
                    Some(next) => now = next,
                    None => return Ok(budget),
                }
            }
            if budget == 0 {
                self.warp.park(now.pc, now.lanes, State::Ready);
                return Ok(0);
            }
            budget -= 1;
            let pc = now.pc;
            let inst = &kernel.code[pc as usize];
            let lanes = match inst.guard {
                None => now.lanes,
                Some(guard) => now.lanes & self.guard(guard),
            };
            now.pc = pc + 1;
            let mut done = Ok(());
            match &inst.op {
                Op::Branch(target) => {
                    self.stats.counters.branches += 1;
                    if lanes == now.lanes {
                        now.pc = *target;
                    } else if lanes != 0 {
                        self.stats.counters.divergent_branches += 1;
                        self.warp.park(*target, lanes, State::Ready);
                        self.warp.park(pc + 1, now.lanes & !lanes, State::Ready);
                        now.lanes = 0;
                    }
                }
                Op::Exit => {
                    if lanes != 0
                        && let Some(stranded) = self.warp.stranded()
                    {
                        self.warp.park(pc, now.lanes, State::Ready);
                        now = stranded;
                        continue;
                    }
                    self.warp.live &= !lanes;
                    now.lanes &= !lanes;
                }
                Op::Barrier { aligned } if lanes != 0 => {
                    done = self.all_here(*aligned, lanes);
                    if done.is_ok() {
                        self.warp.park(pc + 1, lanes, State::AtBarrier);
                        now.lanes &= !lanes;
                    }
                }
                op if lanes != 0 => done = self.execute(op, lanes),
                _ => {}
            }
            if let Err(stop) = done {
                if !stop.missing_lanes() || now.last {
                    return Err((pc, stop));
                }
                self.warp.park(pc, now.lanes, State::Apart);
                now.lanes = 0;
                continue;
            }
            self.stats.issue(pc, lanes);
            observer.after(self, pc, lanes);
        }
    }

    /// Whether all lanes of the warp that have not returned are at the barrier.
    fn all_here(&self, aligned: bool, lanes: u32) -> Done {
        let (warp, live) = (self.warp.index, self.warp.live);
        if !aligned || lanes == live {
            return Ok(());
        }
        let kind = FaultKind::DivergentBarrier { warp, here: lanes, live };
        Err(Box::new(Stop { lane: lanes.trailing_zeros(), kind }))
    }

    /// Lanes whose guard is true.
    #[inline(always)]
    fn guard(&self, guard: Guard) -> u32 {
        let pred = self.warp.preds[usize::from(guard.pred)];
        if guard.negated { !pred } else { pred }
    }

    #[inline(always)]
    fn execute(&mut self, op: &Op, mask: u32) -> Done {
        match *op {
            Op::Fma(mods, d, [a, b, c]) => self.fma(mods, d, a, b, c, mask),
            Op::F2(f, mods, d, a, b) => self.f2(f, mods, d, a, b, mask),
            Op::F1(f, mods, d, a) => self.f1(f, mods, d, a, mask),
            Op::I1(f, d, a) => self.i1(f, d, a, mask),
            Op::I2(f, d, a, b) => self.i2(f, d, a, b, mask),
            Op::I3(f, d, [a, b, c]) => self.i3(f, d, a, b, c, mask),
            Op::Insert(d, abcd) => self.insert(d, abcd, mask),
            Op::Logic3(table, d, [a, b, c]) => self.logic3(table, d, a, b, c, mask),
            Op::L1(f, d, a) => self.l1(f, d, a, mask),
            Op::L2(f, d, a, b) => self.l2(f, d, a, b, mask),
            Op::Mad64(d, [a, b, c]) => self.mad64(d, a, b, c, mask),
            Op::Shift64(f, d, a, b) => self.shift64(f, d, a, b, mask),
            Op::Count64(f, d, a) => self.count64(f, d, a, mask),
            Op::MulWide(signed, d, a, b) => self.mul_wide(signed, d, a, b, mask),
            Op::MadWide(signed, d, [a, b, c]) => self.mad_wide(signed, d, a, b, c, mask),
            Op::Pack(d, low, high) => self.pack(d, low, high, mask),
            Op::Unpack(low, high, a) => self.unpack(low, high, a, mask),
            Op::Pack16(d, low, high) => self.pack16(d, low, high, mask),
            Op::Unpack16(low, high, a) => self.unpack16(low, high, a, mask),
            Op::D1(f, d, a) => self.d1(f, d, a, mask),
            Op::D2(f, d, a, b) => self.d2(f, d, a, b, mask),
            Op::Fma64(d, [a, b, c]) => self.fma64(d, a, b, c, mask),
            Op::Convert(ref convert) => self.cvt(convert, mask),
            Op::SetP(ref test, d, inverse) => self.setp(test, d, inverse, mask),
            Op::Set(ref test, float, d) => self.set(test, float, d, mask),
            Op::Select(d, a, b, p) => self.select(d, a, b, p, mask),
            Op::Select64(d, a, b, p) => self.select64(d, a, b, p, mask),
            Op::SelectSign(float, d, [a, b, c]) => self.select_sign(float, d, a, b, c, mask),
            Op::SelectSign64(float, d, [a, b, c]) => self.select_sign64(float, d, a, b, c, mask),
            Op::TestP(kind, d, a) => self.testp(kind, d, a, mask),
            Op::TestP64(kind, d, a) => self.testp64(kind, d, a, mask),
            Op::P2(f, d, a, b) => self.p2(f, d, a, b, mask),
            Op::PNot(d, a) => self.put_pred(d, !self.guard(a), mask),
            Op::PSet(d, value) => self.put_pred(d, if value { u32::MAX } else { 0 }, mask),
            Op::Load(ref access) => return self.load(access, mask),
            Op::Store(ref access) => return self.store(access, mask),
            Op::Atomic(ref access) => return self.atomic(access, mask),
            Op::WarpBarrier(members) => {
                self.members(members, mask)?;
                self.warp.sync_tick = self.shared.advance();
            }
            Op::Shuffle { how, d, pred, a, b, c, members } => {
                self.members(members, mask)?;
                return self.shuffle(how, d, pred, [a, b, c], mask);
            }
            Op::Vote { how, d, pred, members } => {
                self.members(members, mask)?;
                self.vote(how, d, pred, mask);
            }
            Op::Ballot { d, pred, members } => {
                self.members(members, mask)?;
                let ballot = self.guard(pred) & mask;
                self.put_word(d, &[ballot; LANES], mask);
            }
            Op::Match { d, a, members } => {
                self.members(members, mask)?;
                self.match_any(d, a, mask);
            }
            Op::ActiveMask(d) => self.put_word(d, &[mask; LANES], mask),
            Op::Trap => {
                return Err(Box::new(Stop { lane: mask.trailing_zeros(), kind: FaultKind::Trap }));
            }
            Op::Nothing => {}
            Op::Branch(_) | Op::Exit | Op::Barrier { .. } => unreachable!("done where lanes are kept"),
        }
        Ok(())
    }

    #[inline(always)]
    fn load(&mut self, access: &Access, mask: u32) -> Done {
        match access.space {
            Space::Global => self.load_global(access, mask),
            Space::Shared => self.load_shared(access, mask),
            Space::Param => {
                self.load_param(access, mask);
                Ok(())
            }
            Space::Const => self.load_const(access, mask),
        }
    }

    #[inline(always)]
    fn store(&mut self, access: &Access, mask: u32) -> Done {
        match access.space {
            Space::Global => self.store_global(access, mask),
            _ => self.store_shared(access, mask),
        }
    }

    /// Checks that the lanes a warp-wide instruction names are those that run it; lanes that have returned may be named.
    fn members(&self, members: Reg, mask: u32) -> Done {
        for lane in 0..LANES as u32 {
            if mask >> lane & 1 == 1 {
                let named = self.word(members)[lane as usize];
                if named & self.warp.live != mask {
                    return Err(Box::new(Stop {
                        lane,
                        kind: FaultKind::WrongMask { mask: named, here: mask },
                    }));
                }
            }
        }
        Ok(())
    }
}
