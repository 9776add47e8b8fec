//! Parameters, and everything else that changes between steps.
use crate::{Layout, ParamId, Shape, layout};
use ferrotape_kernels::Scalar;
use std::{
    cell::{Ref, RefCell, RefMut},
    ops,
    panic::Location,
    sync::atomic::{AtomicU32, Ordering},
};

/// What is known of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamInfo {
    /// Its name, `0.weight`.
    pub name: String,
    /// Its spoken shape.
    pub shape: Shape,
    /// How it lies in the flat buffers.
    pub layout: Layout,
    /// Where it lies in them.
    pub range: ops::Range<usize>,
    /// Whether it gets no gradient and is never updated.
    pub frozen: bool,
    /// Factor on the learning rate, 1 unless set.
    pub lr_scale: f64,
    /// Name of the rule that last updated it, whose moments it has; empty before the first update.
    pub rule: String,
    /// Updates made to it by that rule: what Adam corrects its bias by.
    pub updates: u64,
}

/// The mutable state of a run, whole: flat buffers and counters. A checkpoint is this and nothing else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParamData<S = f32> {
    /// Name, shape, layout, range of each parameter, in the order they were added.
    pub table: Vec<ParamInfo>,
    /// Values of all parameters, one after another.
    pub values: Vec<S>,
    /// Gradients of the last step, in the same order.
    pub grads: Vec<S>,
    /// Moments of the optimiser, each in the same order.
    pub moments: Vec<Vec<S>>,
    /// Updates made.
    pub step: u64,
    /// Learning rate of the next update.
    pub lr: f64,
    /// Seed of initialisation, data order and dropout.
    pub seed: u64,
    /// Position in the data: batches drawn so far.
    pub cursor: u64,
    /// Counts every change of a value.
    pub version: u64,
    /// Counts every change of what is frozen: steps recorded before are recorded anew.
    pub structure: u64,
}

impl<S: Scalar> ParamData<S> {
    /// The same state in another scalar.
    pub fn cast<T: Scalar>(&self) -> ParamData<T> {
        let all = |v: &Vec<S>| v.iter().map(|x| T::from_f64(x.re())).collect();
        ParamData {
            table: self.table.clone(),
            values: all(&self.values),
            grads: all(&self.grads),
            moments: self.moments.iter().map(all).collect(),
            step: self.step,
            lr: self.lr,
            seed: self.seed,
            cursor: self.cursor,
            version: self.version,
            structure: self.structure,
        }
    }
}

/// A store of named parameters, outside any tape.
///
/// Modules hold [`ParamId`]s; tapes and programs borrow the store. It is `Send`: one training, one thread.
#[derive(Debug)]
pub struct Params {
    id: u32,
    pub(crate) data: RefCell<ParamData>,
    changed_at: RefCell<Option<&'static Location<'static>>>,
    /// The copy on a device, while there is one.
    #[cfg(feature = "cuda")]
    pub(crate) mirror: RefCell<Option<crate::cuda::Mirror>>,
}

impl Default for Params {
    fn default() -> Self {
        Self::seeded(0)
    }
}

impl Params {
    /// An empty store. `seed` is where initialisation, data order and dropout draw from; the learning rate is 1e-3
    /// until it is set.
    pub fn seeded(seed: u64) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            data: RefCell::new(ParamData { lr: 1e-3, seed, ..ParamData::default() }),
            changed_at: RefCell::default(),
            #[cfg(feature = "cuda")]
            mirror: RefCell::default(),
        }
    }

    /// The state, to be changed by this process.
    pub(crate) fn at_home(&self) -> RefMut<'_, ParamData> {
        self.bring_home();
        self.data.borrow_mut()
    }

    /// Reads back what a device has changed since.
    #[cfg(feature = "cuda")]
    fn bring_home(&self) {
        if let Some(mirror) = &mut *self.mirror.borrow_mut() {
            mirror.bring_home(&self.data);
        }
    }

    #[cfg(not(feature = "cuda"))]
    fn bring_home(&self) {}

    /// Reads back what a device has changed of several stores, in one go where they were last run side by side: to be called
    /// before each of them is looked at. It changes nothing that can be seen but time.
    #[cfg(feature = "cuda")]
    pub fn bring_all_home(stores: &[&Params]) {
        crate::cuda::bring_all_home(stores);
    }

    /// Nothing: no device has changed anything.
    #[cfg(not(feature = "cuda"))]
    pub fn bring_all_home(_: &[&Params]) {}

    /// Name, shape, range of each parameter: what a device never changes.
    pub(crate) fn table(&self) -> Ref<'_, [ParamInfo]> {
        Ref::map(self.data.borrow(), |d| &d.table[..])
    }

    /// Adds a parameter; `values` are in spoken order.
    ///
    /// # Panics
    /// If the name is taken, or there are not as many values as the shape holds.
    #[track_caller]
    pub fn add(&self, name: &str, shape: impl Into<Shape>, layout: Layout, values: &[f32]) -> ParamId {
        let shape = shape.into();
        let d = &mut *self.at_home();
        assert!(d.table.iter().all(|p| p.name != name), "parameter {name}: the name is taken");
        let given = values.len();
        assert!(
            given == shape.len(),
            "parameter {name}: shape {shape} holds {} values, {given} given",
            shape.len()
        );
        let start = d.values.len();
        d.values.extend(layout::to_memory(values, &shape, layout));
        d.grads.resize(d.values.len(), 0.0);
        for m in &mut d.moments {
            m.resize(d.values.len(), 0.0);
        }
        let range = start..d.values.len();
        let name = name.to_owned();
        d.table.push(ParamInfo {
            name,
            shape,
            layout,
            range,
            frozen: false,
            lr_scale: 1.0,
            rule: String::new(),
            updates: 0,
        });
        ParamId { store: self.id, index: d.table.len() as u32 - 1 }
    }

    /// # Panics
    /// If `p` belongs to another store.
    #[track_caller]
    pub(crate) fn check(&self, p: ParamId) {
        assert!(p.store == self.id, "parameter {} belongs to another store", p.index);
    }

    /// Every parameter, in the order they were added.
    pub fn ids(&self) -> impl Iterator<Item = ParamId> + use<> {
        let store = self.id;
        (0..self.data.borrow().table.len() as u32).map(move |index| ParamId { store, index })
    }

    /// The parameter with this name.
    pub fn id(&self, name: &str) -> Option<ParamId> {
        let found = self.data.borrow().table.iter().position(|p| p.name == name);
        found.map(|i| ParamId { store: self.id, index: i as u32 })
    }

    /// Name, shape, layout and range of `p`.
    #[track_caller]
    pub fn info(&self, p: ParamId) -> ParamInfo {
        self.check(p);
        self.data.borrow().table[p.index()].clone()
    }

    /// Number of parameters, counted as numbers.
    pub fn count(&self) -> usize {
        self.data.borrow().values.len()
    }

    /// Values of `p` in spoken order.
    #[track_caller]
    pub fn values(&self, p: ParamId) -> Vec<f32> {
        let info = self.info(p);
        layout::to_spoken(&self.data().values[info.range], &info.shape, info.layout)
    }

    /// Gradient of `p` left by the last update, in spoken order.
    #[track_caller]
    pub fn grad(&self, p: ParamId) -> Vec<f32> {
        let info = self.info(p);
        layout::to_spoken(&self.data().grads[info.range], &info.shape, info.layout)
    }

    /// Sets the values of `p`, given in spoken order.
    ///
    /// # Panics
    /// If there are not as many as its shape holds.
    #[track_caller]
    pub fn set(&self, p: ParamId, values: &[f32]) {
        let ParamInfo { name, shape, layout, range, .. } = self.info(p);
        let given = values.len();
        assert!(
            given == shape.len(),
            "parameter {name}: shape {shape} holds {} values, {given} given",
            shape.len()
        );
        let mut d = self.at_home();
        d.values[range].copy_from_slice(&layout::to_memory(values, &shape, layout));
        d.version += 1;
        self.changed_at.replace(Some(Location::caller()));
    }

    /// Freezes `p`, or lets it learn again. A frozen parameter gets no gradient on tapes made from now on.
    #[track_caller]
    pub fn freeze(&self, p: ParamId, frozen: bool) {
        self.check(p);
        let d = &mut *self.data.borrow_mut();
        d.table[p.index()].frozen = frozen;
        d.structure += 1;
    }

    /// Sets the factor on the learning rate for `p`.
    #[track_caller]
    pub fn scale_lr(&self, p: ParamId, factor: f64) {
        self.check(p);
        self.data.borrow_mut().table[p.index()].lr_scale = factor;
    }

    /// Learning rate of the next update.
    pub fn lr(&self) -> f64 {
        self.data.borrow().lr
    }

    /// Sets the learning rate from the next update on.
    pub fn set_lr(&self, lr: f64) {
        self.data.borrow_mut().lr = lr;
    }

    /// Updates made so far.
    pub fn step(&self) -> u64 {
        self.data.borrow().step
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.data.borrow().seed
    }

    /// Batches drawn so far.
    pub fn cursor(&self) -> u64 {
        self.data.borrow().cursor
    }

    /// Sets the number of batches drawn so far.
    pub fn set_cursor(&self, cursor: u64) {
        self.data.borrow_mut().cursor = cursor;
    }

    /// The whole state, to look at.
    pub fn data(&self) -> Ref<'_, ParamData> {
        self.bring_home();
        self.data.borrow()
    }

    /// A copy of the whole state.
    pub fn snapshot(&self) -> ParamData {
        self.data().clone()
    }

    /// Puts a snapshot back.
    ///
    /// # Panics
    /// If its parameters are not this store's.
    #[track_caller]
    pub fn restore(&self, snapshot: ParamData) {
        let mut d = self.at_home();
        assert!(
            d.table.len() == snapshot.table.len()
                && d.table.iter().zip(&snapshot.table).all(|(a, b)| a.name == b.name && a.range == b.range),
            "restore: the snapshot is of other parameters"
        );
        let version = d.version.max(snapshot.version) + 1;
        let structure = d.structure.max(snapshot.structure) + 1;
        *d = ParamData { version, structure, ..snapshot };
        self.changed_at.replace(Some(Location::caller()));
    }

    /// 64-bit FNV-1a hash of the bits of every value: equal digests, equal parameters.
    pub fn digest(&self) -> u64 {
        let bytes = |v: &f32| v.to_le_bytes();
        self.data()
            .values
            .iter()
            .flat_map(bytes)
            .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
    }

    pub(crate) fn note_change(&self, at: &'static Location<'static>) {
        self.changed_at.replace(Some(at));
    }

    pub(crate) fn changed_at(&self) -> Option<&'static Location<'static>> {
        *self.changed_at.borrow()
    }
}
