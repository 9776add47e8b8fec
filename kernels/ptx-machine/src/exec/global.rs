//! Global memory, constants and parameters.
use super::{
    Done, Exec, LANES, Stop,
    lanes::{Lanes, map},
    stats::count_sectors,
};
use crate::{
    fault::FaultKind,
    memory::{Allocation, OFFSET_BITS, Slot, offset_of, slot_of},
    op::{Access, Address, Reg},
    types::{File, Type},
};

/// Bits of memory as a register holds them: integers with a sign fill it with their sign.
#[inline(always)]
pub(super) fn extended(ty: Type, value: u64) -> u64 {
    match ty {
        Type::S8 => value as i8 as u64,
        Type::S16 => value as i16 as u64,
        Type::S32 => value as i32 as u64,
        _ => value,
    }
}

impl<'s> Exec<'s> {
    /// The address in each lane.
    #[inline(always)]
    pub(super) fn addresses(&self, address: &Address) -> Lanes<u64> {
        let offset = address.offset;
        match address.base {
            None => [offset as u64; LANES],
            Some((File::Wide, reg)) => map(self.wide(reg), |base| base.wrapping_add(offset as u64)),
            Some((_, reg)) => map(self.word(reg), |base| u64::from(base.wrapping_add(offset as u32))),
        }
    }

    /// Writes one lane of a register of either size.
    #[inline(always)]
    pub(super) fn put_lane(&mut self, file: File, reg: Reg, lane: usize, value: u64) {
        match file {
            File::Wide => self.warp.wides[usize::from(reg)][lane] = value,
            _ => self.warp.words[usize::from(reg)][lane] = value as u32,
        }
    }

    #[inline(always)]
    pub(super) fn lane(&self, file: File, reg: Reg, lane: usize) -> u64 {
        match file {
            File::Wide => self.wide(reg)[lane],
            _ => u64::from(self.word(reg)[lane]),
        }
    }

    #[inline(always)]
    pub(super) fn load_global(&mut self, access: &Access, mask: u32) -> Done {
        let (size, count) = (access.ty.bytes(), u32::from(access.count));
        let at = self.addresses(&access.address);
        count_sectors(&mut self.stats.counters.global_loads, &at, mask, size * count);
        let mut rest = mask;
        while rest != 0 {
            let (allocation, lanes) = self.locate(&at, rest, size * count)?;
            if self.checks.never_written {
                check_written(allocation, &at, lanes, size, count)?;
            }
            for part in 0..count {
                let reg = access.regs[part as usize];
                if size == 4 && access.file == File::Word {
                    let cells = allocation.cells.u32s();
                    let to = &mut self.warp.words[usize::from(reg)];
                    for lane in 0..LANES {
                        if lanes >> lane & 1 == 1 {
                            let word = (offset_of(at[lane]) / 4) as usize + part as usize;
                            to[lane] = cells[word].load(std::sync::atomic::Ordering::Relaxed);
                        }
                    }
                    continue;
                }
                for lane in (0..LANES).filter(|lane| lanes >> lane & 1 == 1) {
                    let offset = offset_of(at[lane]) as usize + (part * size) as usize;
                    let value = extended(access.ty, allocation.cells.load(offset, size));
                    self.put_lane(access.file, reg, lane, value);
                }
            }
            rest &= !lanes;
        }
        Ok(())
    }

    #[inline(always)]
    pub(super) fn store_global(&mut self, access: &Access, mask: u32) -> Done {
        let (size, count) = (access.ty.bytes(), u32::from(access.count));
        let at = self.addresses(&access.address);
        count_sectors(&mut self.stats.counters.global_stores, &at, mask, size * count);
        let mut rest = mask;
        while rest != 0 {
            let (allocation, lanes) = self.locate(&at, rest, size * count)?;
            for part in 0..count {
                let reg = access.regs[part as usize];
                for lane in (0..LANES).filter(|lane| lanes >> lane & 1 == 1) {
                    let offset = offset_of(at[lane]) as usize + (part * size) as usize;
                    allocation.cells.store(offset, size, self.lane(access.file, reg, lane));
                }
            }
            rest &= !lanes;
        }
        Ok(())
    }

    /// The allocation of the first lane of `mask`, and the lanes that access it. Those are inside of it, and aligned.
    #[inline(always)]
    pub(super) fn locate(
        &self,
        at: &Lanes<u64>,
        mask: u32,
        bytes: u32,
    ) -> Result<(&'s Allocation, u32), Box<Stop>> {
        let first = mask.trailing_zeros() as usize;
        let slot = slot_of(at[first]);
        let slots = self.slots;
        let (mut elsewhere, mut low, mut last) = (0, 0, 0);
        for lane in 0..LANES {
            let here = if mask >> lane & 1 == 1 { at[lane] } else { at[first] };
            elsewhere |= (here ^ at[first]) >> OFFSET_BITS;
            low |= here;
            last = last.max(offset_of(here));
        }
        if let Some(Slot::Live(allocation)) = slots.get(slot) {
            let inside = last + u64::from(bytes) <= allocation.bytes;
            if elsewhere == 0 && inside && low & u64::from(bytes - 1) == 0 {
                return Ok((allocation, mask));
            }
        }
        locate_slowly(slots, at, mask, bytes)
    }

    pub(super) fn load_param(&mut self, access: &Access, mask: u32) {
        let size = access.ty.bytes() as usize;
        for part in 0..usize::from(access.count) {
            let start = access.address.offset as usize + part * size;
            let value = extended(access.ty, from_bytes(&self.args[start..start + size]));
            match access.file {
                File::Wide => self.put_wide(access.regs[part], &[value; LANES], mask),
                _ => self.put_word(access.regs[part], &[value as u32; LANES], mask),
            }
        }
    }

    pub(super) fn load_const(&mut self, access: &Access, mask: u32) -> Done {
        let (size, bytes) = (access.ty.bytes() as usize, access.ty.bytes() * u32::from(access.count));
        let at = self.addresses(&access.address);
        let constants = &self.kernel.constants;
        for lane in (0..LANES).filter(|lane| mask >> lane & 1 == 1) {
            in_bounds(|| "constant memory".into(), at[lane], bytes, constants.len() as u64, lane)?;
            for part in 0..usize::from(access.count) {
                let start = at[lane] as usize + part * size;
                let value = extended(access.ty, from_bytes(&constants[start..start + size]));
                self.put_lane(access.file, access.regs[part], lane, value);
            }
        }
        Ok(())
    }
}

/// Up to eight bytes, the lowest first.
#[inline(always)]
pub(super) fn from_bytes(bytes: &[u8]) -> u64 {
    let mut value = [0; 8];
    value[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(value)
}

/// Checks an access of memory that is no allocation.
#[inline(always)]
pub(super) fn in_bounds(
    place: impl FnOnce() -> Box<str>,
    offset: u64,
    bytes: u32,
    size: u64,
    lane: usize,
) -> Done {
    let kind = if offset.checked_add(bytes.into()).is_none_or(|end| end > size) {
        FaultKind::OutOfBounds { place: place(), offset: offset as i64, bytes, size }
    } else if !offset.is_multiple_of(bytes.into()) {
        FaultKind::Misaligned { place: place(), offset, bytes }
    } else {
        return Ok(());
    };
    Err(Box::new(Stop { lane: lane as u32, kind }))
}

/// Lanes go to several allocations, or one of them goes wrong.
#[cold]
fn locate_slowly<'s>(
    slots: &'s [Slot],
    at: &Lanes<u64>,
    mask: u32,
    bytes: u32,
) -> Result<(&'s Allocation, u32), Box<Stop>> {
    let first = mask.trailing_zeros() as usize;
    let slot = slot_of(at[first]);
    let stop = |lane: usize, kind| Err(Box::new(Stop { lane: lane as u32, kind }));
    if let Some(kind) = before_start(slots, at[first], bytes) {
        return stop(first, kind);
    }
    let allocation = match slots.get(slot) {
        Some(Slot::Live(allocation)) => allocation,
        Some(Slot::Freed { label }) => {
            let label = format!("`{label}`").into();
            return stop(first, FaultKind::UseAfterFree { label, address: at[first] });
        }
        None => return stop(first, FaultKind::NotAnAddress { address: at[first] }),
    };
    let mut lanes = 0;
    for lane in (0..LANES).filter(|lane| mask >> lane & 1 == 1 && slot_of(at[*lane]) == slot) {
        let place = || format!("`{}`", allocation.label).into();
        in_bounds(place, offset_of(at[lane]), bytes, allocation.bytes, lane)?;
        lanes |= 1 << lane;
    }
    Ok((allocation, lanes))
}

/// What goes wrong if a little is subtracted from the address of an allocation: no allocation is so large that the
/// address could be meant for the one it names.
fn before_start(slots: &[Slot], at: u64, bytes: u32) -> Option<FaultKind> {
    let offset = offset_of(at) as i64 - (1 << OFFSET_BITS);
    match slots.get(slot_of(at).wrapping_add(1)) {
        Some(Slot::Live(behind)) if offset >= -(1 << (OFFSET_BITS - 1)) => {
            let place = format!("`{}`", behind.label).into();
            Some(FaultKind::OutOfBounds { place, offset, bytes, size: behind.bytes })
        }
        _ => None,
    }
}

/// Checks that what a load reads was written.
#[inline(always)]
pub(super) fn check_written(
    allocation: &Allocation,
    at: &Lanes<u64>,
    lanes: u32,
    size: u32,
    count: u32,
) -> Done {
    for lane in (0..LANES).filter(|lane| lanes >> lane & 1 == 1) {
        for part in 0..count {
            let offset = offset_of(at[lane]) + u64::from(part * size);
            if !allocation.cells.written_one(offset as usize, size) {
                let kind =
                    FaultKind::NeverWritten { place: format!("`{}`", allocation.label).into(), offset };
                return Err(Box::new(Stop { lane: lane as u32, kind }));
            }
        }
    }
    Ok(())
}
