//! Loads and stores. Offsets are in bytes.
use super::{F32, Kernel, Pred, Register, U32, U64};

impl Kernel {
    /// A number of global memory that no kernel writes meanwhile.
    pub fn load_global(&mut self, name: &'static str, at: U64, offset: usize) -> F32 {
        let d = self.register(name);
        let at = self.place_of(at, offset);
        self.op(format_args!("ld.global.nc.f32 {d}, [{at}]"));
        d
    }

    /// A word of global memory that no kernel writes meanwhile.
    pub fn load_global_u32(&mut self, name: &'static str, at: U64) -> U32 {
        let d = self.register(name);
        self.op(format_args!("ld.global.nc.u32 {d}, [{at}]"));
        d
    }

    /// A byte of such memory where `on` holds, else 0.
    pub fn load_global_u8(&mut self, name: &'static str, on: Option<Pred>, at: U64, offset: usize) -> U32 {
        let d = self.register(name);
        if on.is_some() {
            self.set(d, 0);
        }
        let at = self.place_of(at, offset);
        self.op_if(on, format_args!("ld.global.nc.u8 {d}, [{at}]"));
        d
    }

    /// A number of such memory where `on` holds, else 0; into `to`.
    pub fn load_global_or_zero(&mut self, on: Option<Pred>, to: F32, at: U64, offset: usize) {
        if on.is_some() {
            self.set_f32(to, 0.0);
        }
        let at = self.place_of(at, offset);
        self.op_if(on, format_args!("ld.global.nc.f32 {to}, [{at}]"));
    }

    /// Four neighbours, at a multiple of 16, where `on` holds, else 0; into `to`.
    pub fn load_global4_or_zero(&mut self, on: Option<Pred>, to: [F32; 4], at: U64, offset: usize) {
        if on.is_some() {
            to.into_iter().for_each(|to| self.set_f32(to, 0.0));
        }
        let ([a, b, c, d], at) = (to, self.place_of(at, offset));
        self.op_if(on, format_args!("ld.global.nc.v4.f32 {{{a}, {b}, {c}, {d}}}, [{at}]"));
    }

    /// Stores a number.
    pub fn store_global(&mut self, at: U64, offset: usize, x: F32) {
        self.store_global_if(None, at, offset, x);
    }

    /// Stores a word where `on` holds.
    pub fn store_global_if<R: Register>(&mut self, on: Option<Pred>, at: U64, offset: usize, x: R) {
        let at = self.place_of(at, offset);
        self.op_if(on, format_args!("st.global.{} [{at}], {x}", R::TYPE));
    }

    /// Stores four neighbours, at a multiple of 16, where `on` holds.
    pub fn store_global4_if<R: Register>(&mut self, on: Option<Pred>, at: U64, offset: usize, x: [R; 4]) {
        let ([a, b, c, d], at) = (x, self.place_of(at, offset));
        self.op_if(on, format_args!("st.global.v4.{} [{at}], {{{a}, {b}, {c}, {d}}}", R::TYPE));
    }

    /// A number of shared memory, into `to`.
    pub fn load_shared(&mut self, to: F32, at: U32, offset: usize) {
        self.op(format_args!("ld.shared.f32 {to}, [{at}+{offset}]"));
    }

    /// Four neighbours of shared memory, at a multiple of 16, into `to`.
    pub fn load_shared4(&mut self, to: [F32; 4], at: U32, offset: usize) {
        let [a, b, c, d] = to;
        self.op(format_args!("ld.shared.v4.f32 {{{a}, {b}, {c}, {d}}}, [{at}+{offset}]"));
    }

    /// Stores a number to shared memory where `on` holds.
    pub fn store_shared_if(&mut self, on: Option<Pred>, at: U32, offset: usize, x: F32) {
        self.op_if(on, format_args!("st.shared.f32 [{at}+{offset}], {x}"));
    }

    /// Stores four neighbours to shared memory, at a multiple of 16, where `on` holds.
    pub fn store_shared4_if(&mut self, on: Option<Pred>, at: U32, offset: usize, x: [F32; 4]) {
        let [a, b, c, d] = x;
        self.op_if(on, format_args!("st.shared.v4.f32 [{at}+{offset}], {{{a}, {b}, {c}, {d}}}"));
    }

    /// `at+offset` as an address is written: an immediate has 32 bits with a sign.
    fn place_of(&mut self, at: U64, offset: usize) -> String {
        if i32::try_from(offset).is_ok() {
            return format!("{at}+{offset}");
        }
        let far: U64 = self.register("far_at");
        self.op(format_args!("add.u64 {far}, {at}, {offset}"));
        far.to_string()
    }
}
