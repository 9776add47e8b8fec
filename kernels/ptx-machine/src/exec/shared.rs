//! Shared memory.
use super::{
    Done, Exec, LANES, Stop,
    global::{extended, from_bytes, in_bounds},
    stats::count_wavefronts,
    warp::thread_id,
};
use crate::{
    fault::FaultKind,
    op::Access,
    shadow::{Who, Wrong},
};

/// A block's shared memory, in messages.
const PLACE: &str = "shared memory";

/// The bits of `bytes` bytes at `offset` in their word.
#[inline(always)]
fn part(offset: usize, bytes: u32) -> u8 {
    if bytes >= 4 { 0xF } else { ((1 << bytes) - 1) << (offset % 4) }
}

impl Exec<'_> {
    #[inline(always)]
    pub(super) fn load_shared(&mut self, access: &Access, mask: u32) -> Done {
        let (size, count) = (access.ty.bytes(), u32::from(access.count));
        let at = self.addresses(&access.address);
        self.check_shared(&at, mask, size * count)?;
        count_wavefronts(&mut self.stats.counters.shared_loads, &at, mask, size * count);
        for (lane, start) in at.map(|at| at as usize).into_iter().enumerate() {
            if mask >> lane & 1 == 0 {
                continue;
            }
            self.note_read(start, size * count, lane, access.concurrent)?;
            for part in 0..count {
                let from = start + (part * size) as usize;
                let reg = access.regs[part as usize];
                let value = if size == 4 {
                    u32::from_le_bytes(self.shared.data[from..from + 4].try_into().unwrap()).into()
                } else {
                    from_bytes(&self.shared.data[from..from + size as usize])
                };
                self.put_lane(access.file, reg, lane, extended(access.ty, value));
            }
        }
        Ok(())
    }

    #[inline(always)]
    pub(super) fn store_shared(&mut self, access: &Access, mask: u32) -> Done {
        let (size, count) = (access.ty.bytes(), u32::from(access.count));
        let at = self.addresses(&access.address);
        self.check_shared(&at, mask, size * count)?;
        count_wavefronts(&mut self.stats.counters.shared_stores, &at, mask, size * count);
        for (lane, start) in at.map(|at| at as usize).into_iter().enumerate() {
            if mask >> lane & 1 == 0 {
                continue;
            }
            self.note_write(start, size * count, lane, access.concurrent)?;
            for part in 0..count {
                let to = start + (part * size) as usize;
                let value = self.lane(access.file, access.regs[part as usize], lane).to_le_bytes();
                self.shared.data[to..to + size as usize].copy_from_slice(&value[..size as usize]);
            }
        }
        Ok(())
    }

    /// Bounds and alignment of all lanes.
    #[inline(always)]
    pub(super) fn check_shared(&self, at: &[u64; LANES], mask: u32, bytes: u32) -> Done {
        let size = self.shared.bytes();
        let (mut last, mut low) = (0, 0);
        for (lane, at) in at.iter().enumerate() {
            let here = if mask >> lane & 1 == 1 { *at } else { 0 };
            last = last.max(here);
            low |= here;
        }
        if last < size && last + u64::from(bytes) <= size && low & u64::from(bytes - 1) == 0 {
            return Ok(());
        }
        for lane in (0..LANES).filter(|lane| mask >> lane & 1 == 1) {
            in_bounds(|| PLACE.into(), at[lane], bytes, size, lane)?;
        }
        Ok(())
    }

    fn who(&self, lane: usize, concurrent: bool) -> Who {
        let thread = (self.warp.index as usize * LANES + lane) as u16;
        Who { thread, sync_tick: self.warp.sync_tick, concurrent }
    }

    #[inline(always)]
    pub(super) fn note_read(&mut self, at: usize, bytes: u32, lane: usize, concurrent: bool) -> Done {
        let who = self.who(lane, concurrent);
        for word in at / 4..(at + bytes as usize).div_ceil(4) {
            let part = part(at, bytes);
            if self.checks.races {
                if let Err(wrong) = self.shared.read(word, part, who) {
                    self.wrong(wrong, lane, at.max(word * 4), false)?;
                }
            } else if self.checks.never_written && !self.shared.written(word, part) {
                self.wrong(Wrong::NeverWritten, lane, at.max(word * 4), false)?;
            }
        }
        Ok(())
    }

    #[inline(always)]
    pub(super) fn note_write(&mut self, at: usize, bytes: u32, lane: usize, concurrent: bool) -> Done {
        let who = self.who(lane, concurrent);
        for word in at / 4..(at + bytes as usize).div_ceil(4) {
            let part = part(at, bytes);
            if !self.checks.races {
                self.shared.mark(word, part);
            } else if let Err(wrong) = self.shared.write(word, part, who) {
                self.wrong(wrong, lane, at.max(word * 4), true)?;
            }
        }
        Ok(())
    }

    #[cold]
    fn wrong(&self, wrong: Wrong, lane: usize, at: usize, writes: bool) -> Done {
        let offset = at as u64;
        let kind = match wrong {
            Wrong::NeverWritten if !self.checks.never_written => return Ok(()),
            Wrong::NeverWritten => FaultKind::NeverWritten { place: PLACE.into(), offset },
            Wrong::Race { other, wrote: other_wrote } => {
                FaultKind::Race { offset, writes, other_wrote, other: thread_id(other.into(), self.block) }
            }
        };
        Err(Box::new(Stop { lane: lane as u32, kind }))
    }
}
