//! Instructions on registers. Each returns a new register, but for those that say otherwise.
use super::{F32, Kernel, Operand, Pred, Register, U32, U64};

/// `d = op(a, b)` on 32-bit integers.
macro_rules! integers {
    ($($(#[$doc:meta])* $name:ident = $op:literal;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(&mut self, name: &'static str, a: U32, b: impl Operand<U32>) -> U32 {
                let d = self.register(name);
                self.op(format_args!(concat!($op, " {}, {}, {}"), d, a, b.text()));
                d
            }
        )*
    };
}

/// `p = a op b` on unsigned 32-bit integers.
macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident = $op:literal;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(&mut self, a: U32, b: impl Operand<U32>) -> Pred {
                let p = self.register("p");
                self.op(format_args!(concat!("setp.", $op, ".u32 {}, {}, {}"), p, a, b.text()));
                p
            }
        )*
    };
}

impl Kernel {
    integers! {
        /// `a + b`
        add = "add.u32";
        /// `a - b`
        sub = "sub.u32";
        /// `a · b`, the low half.
        mul = "mul.lo.u32";
        /// `a / b`, rounded down.
        div = "div.u32";
        /// The remainder of `a / b`.
        rem = "rem.u32";
        /// `min(a, b)`
        min = "min.u32";
        /// `a & b`, bit by bit.
        and_bits = "and.b32";
        /// `a >> b`
        shr = "shr.u32";
    }

    comparisons! {
        /// `a < b`
        lt = "lt";
        /// `a >= b`
        ge = "ge";
        /// `a == b`
        eq = "eq";
    }

    /// `a · b + c`, the low half.
    pub fn mad(&mut self, name: &'static str, a: U32, b: u32, c: impl Operand<U32>) -> U32 {
        let d = self.register(name);
        self.op(format_args!("mad.lo.u32 {d}, {a}, {b}, {}", c.text()));
        d
    }

    /// `from - a`
    pub fn reversed(&mut self, name: &'static str, from: u32, a: U32) -> U32 {
        let d = self.register(name);
        self.op(format_args!("sub.u32 {d}, {from}, {a}"));
        d
    }

    /// Sets `to`, which other instructions may have set before.
    pub fn set(&mut self, to: U32, a: impl Operand<U32>) {
        self.op(format_args!("mov.u32 {to}, {}", a.text()));
    }

    /// A copy.
    pub fn copy(&mut self, name: &'static str, a: impl Operand<U32>) -> U32 {
        let d = self.register(name);
        self.set(d, a);
        d
    }

    /// `to += a`
    pub fn increase(&mut self, to: U32, a: impl Operand<U32>) {
        self.op(format_args!("add.u32 {to}, {to}, {}", a.text()));
    }

    /// Where `on` holds, `to += a`.
    pub fn increase_if(&mut self, on: Pred, to: U32, a: impl Operand<U32>) {
        self.op(format_args!("@{on} add.u32 {to}, {to}, {}", a.text()));
    }

    /// `a / b` and the remainder.
    pub fn div_rem(&mut self, names: [&'static str; 2], a: U32, b: u32) -> [U32; 2] {
        if b == 1 {
            return [a, self.copy(names[1], 0)];
        }
        let quotient = self.div(names[0], a, b);
        let product = self.mul("whole", quotient, b);
        [quotient, self.sub(names[1], a, product)]
    }

    /// A special register: `tid.x`, `ctaid.x`, `laneid`, …
    pub fn special(&mut self, name: &'static str, special: &str) -> U32 {
        let d = self.register(name);
        self.op(format_args!("mov.u32 {d}, %{special}"));
        d
    }

    /// Number of the thread in a grid of one dimension.
    pub fn thread_of_grid(&mut self) -> U32 {
        let [block, thread] = [self.special("block", "ctaid.x"), self.special("thread", "tid.x")];
        self.mad("index", block, self.threads(), thread)
    }

    /// `p and q`; all that is there of two.
    pub fn both(&mut self, p: Option<Pred>, q: Option<Pred>) -> Option<Pred> {
        match (p, q) {
            (Some(p), Some(q)) => {
                let both = self.register("p");
                self.op(format_args!("and.pred {both}, {p}, {q}"));
                Some(both)
            }
            _ => p.or(q),
        }
    }

    /// `address + index · bytes`
    pub fn at(&mut self, address: U64, index: U32, bytes: u32) -> U64 {
        let at = self.register("at");
        self.op(format_args!("mad.wide.u32 {at}, {index}, {bytes}, {address}"));
        at
    }

    /// `to = a · b + c`, in 64 bits.
    pub fn wide_mad_to(&mut self, to: U64, a: U32, b: u64, c: U64) {
        let wide: U64 = self.register("wide");
        self.op(format_args!("cvt.u64.u32 {wide}, {a}"));
        self.op(format_args!("mad.lo.u64 {to}, {wide}, {b}, {c}"));
    }

    /// `to += bytes`
    pub fn advance(&mut self, to: U64, bytes: u64) {
        self.op(format_args!("add.u64 {to}, {to}, {bytes}"));
    }

    /// `to -= bytes`
    pub fn retreat(&mut self, to: U64, bytes: u64) {
        self.op(format_args!("sub.u64 {to}, {to}, {bytes}"));
    }

    /// `to = a`, a number.
    pub fn set_f32(&mut self, to: F32, a: impl Operand<F32>) {
        self.op(format_args!("mov.f32 {to}, {}", a.text()));
    }

    /// `acc += a · b`, rounded once.
    pub fn fma_to(&mut self, acc: F32, a: F32, b: F32) {
        self.op(format_args!("fma.rn.f32 {acc}, {a}, {b}, {acc}"));
    }

    /// `acc = acc · a + c`, rounded once: a step of Horner's rule.
    pub fn horner(&mut self, acc: F32, a: F32, c: impl Operand<F32>) {
        self.op(format_args!("fma.rn.f32 {acc}, {acc}, {a}, {}", c.text()));
    }

    /// `a · b + c`, rounded once.
    pub fn fma(&mut self, name: &'static str, a: F32, b: impl Operand<F32>, c: impl Operand<F32>) -> F32 {
        let d = self.register(name);
        self.op(format_args!("fma.rn.f32 {d}, {a}, {}, {}", b.text(), c.text()));
        d
    }

    /// `to += a`
    pub fn add_to(&mut self, to: F32, a: impl Operand<F32>) {
        self.op(format_args!("add.rn.f32 {to}, {to}, {}", a.text()));
    }

    /// `a · b`
    pub fn mul_f32(&mut self, name: &'static str, a: F32, b: impl Operand<F32>) -> F32 {
        let d = self.register(name);
        self.op(format_args!("mul.rn.f32 {d}, {a}, {}", b.text()));
        d
    }

    /// `a` where `p` holds, else `b`.
    pub fn select(&mut self, name: &'static str, p: Pred, a: impl Operand<F32>, b: impl Operand<F32>) -> F32 {
        let d = self.register(name);
        self.op(format_args!("selp.f32 {d}, {}, {}, {p}", a.text(), b.text()));
        d
    }

    /// `a` where `p` holds, else `b`.
    pub fn select_u32(&mut self, name: &'static str, p: Pred, a: U32, b: impl Operand<U32>) -> U32 {
        let d = self.register(name);
        self.op(format_args!("selp.b32 {d}, {a}, {}, {p}", b.text()));
        d
    }

    /// `a + b`, where one is an address and the other the bytes to another.
    pub fn add_wide(&mut self, name: &'static str, a: U64, b: U64) -> U64 {
        let d = self.register(name);
        self.op(format_args!("add.u64 {d}, {a}, {b}"));
        d
    }

    /// `a - b`
    pub fn sub_wide(&mut self, name: &'static str, a: U64, b: U64) -> U64 {
        let d = self.register(name);
        self.op(format_args!("sub.u64 {d}, {a}, {b}"));
        d
    }

    /// `to` is `a` where `p` holds, else `b`.
    pub fn select_to(&mut self, to: F32, p: Pred, a: impl Operand<F32>, b: impl Operand<F32>) {
        self.op(format_args!("selp.f32 {to}, {}, {}, {p}", a.text(), b.text()));
    }

    /// `a + b`
    pub fn add_f32(&mut self, name: &'static str, a: F32, b: impl Operand<F32>) -> F32 {
        let d = self.register(name);
        self.op(format_args!("add.rn.f32 {d}, {a}, {}", b.text()));
        d
    }

    /// `to = a / b`
    pub fn divide_to(&mut self, to: F32, a: F32, b: F32) {
        self.op(format_args!("div.rn.f32 {to}, {a}, {b}"));
    }

    /// `op(a)`, for an instruction of one operand: `neg.f32`, `abs.f32`, `ex2.approx.f32`.
    pub fn unary(&mut self, op: &str, name: &'static str, a: F32) -> F32 {
        let d = self.register(name);
        self.op(format_args!("{op} {d}, {a}"));
        d
    }

    /// The magnitude of `size` with the sign of `sign`.
    pub fn copy_sign(&mut self, name: &'static str, sign: F32, size: F32) -> F32 {
        let d = self.register(name);
        self.op(format_args!("copysign.f32 {d}, {sign}, {size}"));
        d
    }

    /// What the lane whose number differs in the bits of `mask` has in `a`. All lanes of the warp take part.
    pub fn shuffle_across<R: Register>(&mut self, name: &'static str, a: R, mask: u32) -> R {
        let d = self.register(name);
        self.op(format_args!("shfl.sync.bfly.b32 {d}, {a}, {mask}, 31, 0xffffffff"));
        d
    }

    /// A comparison of numbers, `op` as PTX writes it: `le`, `gt`, …; false where one is NaN.
    pub fn compare(&mut self, op: &str, a: F32, b: impl Operand<F32>) -> Pred {
        let p = self.register("p");
        self.op(format_args!("setp.{op}.f32 {p}, {a}, {}", b.text()));
        p
    }

    /// Whether a maximum passes from `max` to the later `value`: that is larger, or NaN where `max` is a number.
    pub fn surpasses(&mut self, value: F32, max: F32) -> Pred {
        let number = self.compare("num", max, max);
        let p = self.register("p");
        self.op(format_args!("setp.gtu.and.f32 {p}, {value}, {max}, {number}"));
        p
    }
}
