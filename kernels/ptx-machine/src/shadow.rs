//! Shared memory of a block, and what is known of each of its words: whether it was written, and who touched it last.
//!
//! A clock runs in a block: every barrier and every `bar.warp.sync` advances it. Two accesses of different threads to a
//! word, one of them a write, are ordered if a barrier lies between; or, in one warp, a `bar.warp.sync`. Of threads that
//! read a word only so much is kept as a later write needs: which thread, or that they were several of a warp, or of
//! several warps.

/// What is known of a word of four bytes.
#[derive(Copy, Clone, Debug, Default)]
struct Word {
    write_tick: u32,
    read_tick: u32,
    writer: u16,
    reader: u16,
    /// Bytes ever written, a bit each.
    written: u8,
    /// Bytes of the last write.
    write_part: u8,
    readers: Readers,
    /// The last write was atomic or volatile.
    concurrent: bool,
}

#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
enum Readers {
    #[default]
    One,
    OfOneWarp,
    Several,
}

/// Who accesses.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Who {
    pub thread: u16,
    /// When its warp last met.
    pub sync_tick: u32,
    /// Atomic or volatile: may meet others of its kind.
    pub concurrent: bool,
}

/// What is wrong with an access.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    NeverWritten,
    /// With this thread's write, or its read.
    Race {
        other: u16,
        wrote: bool,
    },
}

/// Shared memory.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub data: Vec<u8>,
    bytes: u64,
    shadow: Vec<Word>,
    tick: u32,
    barrier_tick: u32,
}

/// Threads of a warp have the same.
fn warp(thread: u16) -> u16 {
    thread / 32
}

impl Shared {
    /// Fresh memory that nobody wrote.
    pub fn start(&mut self, bytes: u32) {
        self.bytes = bytes.into();
        self.data.clear();
        self.data.resize(bytes.next_multiple_of(16) as usize, 0);
        self.shadow.clear();
        self.shadow.resize(bytes.div_ceil(4) as usize, Word::default());
        (self.tick, self.barrier_tick) = (1, 1);
    }

    /// Bytes there are.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The clock's next tick.
    pub fn advance(&mut self) -> u32 {
        self.tick += 1;
        self.tick
    }

    /// All threads have met.
    pub fn barrier(&mut self) {
        self.barrier_tick = self.advance();
    }

    /// Whether what happened at `tick` by a thread of another warp, or of one's own, is not ordered before now.
    #[inline(always)]
    fn unordered(&self, tick: u32, other_warp: bool, who: Who) -> bool {
        tick >= self.barrier_tick && (other_warp || tick >= who.sync_tick)
    }

    /// A thread reads bytes `part` of a word.
    #[inline(always)]
    pub fn read(&mut self, word: usize, part: u8, who: Who) -> Result<(), Wrong> {
        let mut w = self.shadow[word];
        if w.written & part != part {
            return Err(Wrong::NeverWritten);
        }
        if w.write_tick >= self.barrier_tick
            && w.writer != who.thread
            && w.write_part & part != 0
            && !(w.concurrent && who.concurrent)
            && self.unordered(w.write_tick, warp(w.writer) != warp(who.thread), who)
        {
            return Err(Wrong::Race { other: w.writer, wrote: true });
        }
        if who.concurrent {
            return Ok(());
        }
        if w.read_tick < self.barrier_tick {
            (w.reader, w.readers) = (who.thread, Readers::One);
        } else if warp(w.reader) != warp(who.thread) {
            w.readers = Readers::Several;
        } else if w.readers != Readers::Several {
            // Readers before the warp met do not matter to it any more, and other warps see only that there is one.
            if w.read_tick < who.sync_tick {
                w.readers = Readers::One;
            } else if w.reader != who.thread {
                w.readers = Readers::OfOneWarp;
            }
            w.reader = who.thread;
        }
        w.read_tick = self.tick;
        self.shadow[word] = w;
        Ok(())
    }

    /// A thread writes bytes `part` of a word.
    #[inline(always)]
    pub fn write(&mut self, word: usize, part: u8, who: Who) -> Result<(), Wrong> {
        let mut w = self.shadow[word];
        if w.write_tick >= self.barrier_tick
            && w.writer != who.thread
            && w.write_part & part != 0
            && !(w.concurrent && who.concurrent)
            && self.unordered(w.write_tick, warp(w.writer) != warp(who.thread), who)
        {
            return Err(Wrong::Race { other: w.writer, wrote: true });
        }
        if w.read_tick >= self.barrier_tick {
            let other_warp = w.readers == Readers::Several || warp(w.reader) != warp(who.thread);
            let other = w.readers != Readers::One || w.reader != who.thread;
            if other && self.unordered(w.read_tick, other_warp, who) {
                return Err(Wrong::Race { other: w.reader, wrote: false });
            }
        }
        w.written |= part;
        w.write_part = part;
        w.writer = who.thread;
        w.write_tick = self.tick;
        w.concurrent = who.concurrent;
        self.shadow[word] = w;
        Ok(())
    }

    /// Marks bytes as written and remembers nobody, where races are not looked for.
    #[inline(always)]
    pub fn mark(&mut self, word: usize, part: u8) {
        self.shadow[word].written |= part;
    }

    /// Whether bytes were written.
    #[inline(always)]
    pub fn written(&self, word: usize, part: u8) -> bool {
        self.shadow[word].written & part == part
    }
}
