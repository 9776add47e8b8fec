//! `atom` and `red`: lanes of a warp one after the other, lowest first.
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::AcqRel, Ordering::Acquire};

use super::{
    Done, Exec, LANES,
    global::{check_written, from_bytes},
    scalar,
    stats::count_sectors,
};
use crate::{
    memory::offset_of,
    op::{Atomic, AtomicAccess, Space},
    types::Type,
};

/// The word that is written, from the old one and the operands.
fn updated(access: &AtomicAccess, old: u64, a: u64, b: u64) -> u64 {
    let (word, x) = (old as u32, a as u32);
    match (access.op, access.ty) {
        (Atomic::Add, Type::F32) => scalar::bits(f32::from_bits(word) + f32::from_bits(x)).into(),
        (Atomic::Add, Type::F64) => (f64::from_bits(old) + f64::from_bits(a)).to_bits(),
        (Atomic::Add, _) => old.wrapping_add(a),
        (Atomic::Min, Type::S32) => u64::from((word as i32).min(x as i32) as u32),
        (Atomic::Min, Type::S64) => (old as i64).min(a as i64) as u64,
        (Atomic::Min, _) => old.min(a),
        (Atomic::Max, Type::S32) => u64::from((word as i32).max(x as i32) as u32),
        (Atomic::Max, Type::S64) => (old as i64).max(a as i64) as u64,
        (Atomic::Max, _) => old.max(a),
        (Atomic::And, _) => old & a,
        (Atomic::Or, _) => old | a,
        (Atomic::Xor, _) => old ^ a,
        (Atomic::Exchange, _) => a,
        (Atomic::CompareExchange, _) => {
            if old == a {
                b
            } else {
                old
            }
        }
        (Atomic::Inc, _) => u64::from(if word >= x { 0 } else { word + 1 }),
        (Atomic::Dec, _) => u64::from(if word == 0 || word > x { x } else { word - 1 }),
    }
}

fn update32(cell: &AtomicU32, access: &AtomicAccess, a: u64, b: u64) -> u64 {
    let next = |old: u32| Some(updated(access, old.into(), a, b) as u32);
    u64::from(cell.fetch_update(AcqRel, Acquire, next).unwrap_or_else(|old| old))
}

fn update64(cell: &AtomicU64, access: &AtomicAccess, a: u64, b: u64) -> u64 {
    cell.fetch_update(AcqRel, Acquire, |old| Some(updated(access, old, a, b))).unwrap_or_else(|old| old)
}

impl Exec<'_> {
    pub(super) fn atomic(&mut self, access: &AtomicAccess, mask: u32) -> Done {
        match access.space {
            Space::Global => self.atomic_global(access, mask),
            _ => self.atomic_shared(access, mask),
        }
    }

    fn atomic_global(&mut self, access: &AtomicAccess, mask: u32) -> Done {
        let (size, file) = (access.ty.bytes(), access.ty.file());
        let at = self.addresses(&access.address);
        count_sectors(&mut self.stats.counters.global_atomics, &at, mask, size);
        let mut rest = mask;
        while rest != 0 {
            let (allocation, lanes) = self.locate(&at, rest, size)?;
            if self.checks.never_written {
                check_written(allocation, &at, lanes, size, 1)?;
            }
            for lane in (0..LANES).filter(|lane| lanes >> lane & 1 == 1) {
                let (a, b) = (self.lane(file, access.a, lane), self.lane(file, access.b, lane));
                let offset = offset_of(at[lane]) as usize;
                let old = match size {
                    4 => update32(&allocation.cells.u32s()[offset / 4], access, a, b),
                    _ => update64(&allocation.cells.u64s()[offset / 8], access, a, b),
                };
                allocation.cells.mark_one(offset, size);
                if let Some(d) = access.d {
                    self.put_lane(file, d, lane, old);
                }
            }
            rest &= !lanes;
        }
        Ok(())
    }

    fn atomic_shared(&mut self, access: &AtomicAccess, mask: u32) -> Done {
        let (size, file) = (access.ty.bytes(), access.ty.file());
        let at = self.addresses(&access.address);
        self.check_shared(&at, mask, size)?;
        for lane in (0..LANES).filter(|lane| mask >> lane & 1 == 1) {
            let (start, end) = (at[lane] as usize, at[lane] as usize + size as usize);
            self.note_read(start, size, lane, true)?;
            self.note_write(start, size, lane, true)?;
            let (a, b) = (self.lane(file, access.a, lane), self.lane(file, access.b, lane));
            let old = from_bytes(&self.shared.data[start..end]);
            let new = updated(access, old, a, b).to_le_bytes();
            self.shared.data[start..end].copy_from_slice(&new[..size as usize]);
            if let Some(d) = access.d {
                self.put_lane(file, d, lane, old);
            }
        }
        Ok(())
    }
}
