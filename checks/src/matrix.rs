//! Operations by checks.
use ferrotape_autograd::{
    Cpu, Device, Isa, Params, Tape, Var,
    card::{Card, Case},
    check::{Comparison, GradCheck, Mode, What, parity},
    ops::CARDS,
};
use ferrotape_kernels::Pool;
use serde::Serialize;
use std::time::Instant;

/// Every operation under every check.
#[derive(Clone, Debug, Serialize)]
pub struct Matrix {
    /// The checks.
    pub columns: Vec<String>,
    /// The operations.
    pub rows: Vec<Row>,
    /// Seconds that it took.
    pub seconds: f64,
}

/// An operation.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub op: &'static str,
    /// Equation and gradient.
    pub equation: &'static str,
    /// Its cases.
    pub cases: usize,
    /// What each check found, in the order of the columns.
    pub cells: Vec<Cell>,
}

/// What a check found for an operation.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Cell {
    /// Comparisons made: directions, entries of Jacobians, elements' kernels. None: the check does not apply.
    pub compared: usize,
    /// The largest error as a share of what is allowed; above 1 is wrong.
    pub worst: f64,
    /// What is wrong, in the order of the cases.
    pub wrong: Vec<String>,
}

/// A check.
#[derive(Clone, Debug)]
pub enum Column {
    /// A gradient check: this mode, of directions or of the whole Jacobian.
    Gradient(Mode, bool),
    /// The kernels of a device against their definition.
    Kernels(String, Device),
}

impl Column {
    /// The gradient checks, and a column for each instruction set and device that is present.
    ///
    /// # Panics
    /// If the PTX machine is not where it is built.
    pub fn all() -> Vec<Self> {
        let gradients = [
            (Mode::Exact, false),
            (Mode::Finite, false),
            (Mode::Exact, true),
            (Mode::Finite, true),
            (Mode::Symmetry, false),
            (Mode::SecondFinite, false),
        ];
        let pool = Pool::new(2);
        let kernels = Isa::available().map(|isa| {
            let cpu = Cpu::with_isa(&pool, isa).expect("an instruction set that is there");
            Column::Kernels(isa.name().to_owned(), Device::CpuWith(cpu))
        });
        let mut all: Vec<Self> = gradients.map(|(mode, whole)| Column::Gradient(mode, whole)).into();
        all.extend(kernels);
        #[cfg(feature = "cuda")]
        all.extend(ferrotape_autograd::check::gpu().map(|gpu| {
            let name = if matches!(gpu, Device::PtxMachine) { "PTX machine" } else { "GPU" };
            Column::Kernels(name.to_owned(), gpu)
        }));
        all
    }

    /// The name in headings.
    pub fn name(&self) -> String {
        match self {
            Column::Gradient(Mode::Exact, false) => "duals".into(),
            Column::Gradient(Mode::Finite, false) => "differences".into(),
            Column::Gradient(Mode::Exact, true) => "Jacobian, duals".into(),
            Column::Gradient(Mode::Finite, true) => "Jacobian, differences".into(),
            Column::Gradient(Mode::Symmetry, _) => "Hessian symmetric".into(),
            Column::Gradient(Mode::SecondFinite, _) => "Hessian, differences".into(),
            Column::Kernels(name, _) => name.clone(),
        }
    }
}

impl Matrix {
    /// Runs every check on the cases of the cards that `wanted` names; `done` hears of each.
    pub fn run(wanted: impl Fn(&str) -> bool, mut done: impl FnMut(&Row)) -> Self {
        let started = Instant::now();
        let columns = Column::all();
        let mut rows = Vec::new();
        for card in CARDS.iter().filter(|card| wanted(card.name)) {
            let row = Row::of(card, &columns);
            done(&row);
            rows.push(row);
        }
        let columns = columns.iter().map(Column::name).collect();
        Self { columns, rows, seconds: started.elapsed().as_secs_f64() }
    }

    /// Whether nothing is wrong.
    pub fn ok(&self) -> bool {
        self.rows.iter().all(|row| row.cells.iter().all(|cell| cell.wrong.is_empty()))
    }
}

impl Row {
    fn of(card: &Card, columns: &[Column]) -> Self {
        let cases = (card.cases)();
        let mut cells = vec![Cell::default(); columns.len()];
        for (k, case) in cases.iter().enumerate() {
            let label = format!("case {k} ({:?})", case.family);
            let gradients = comparisons(case);
            for (column, cell) in columns.iter().zip(&mut cells) {
                match column {
                    Column::Gradient(mode, whole) => gradients
                        .iter()
                        .filter(|c| c.mode == *mode && matches!(c.what, What::Jacobian { .. }) == *whole)
                        .for_each(|c| cell.note(&label, c)),
                    Column::Kernels(_, device) => cell.note_kernels(&label, case, device),
                }
            }
        }
        Self { op: card.name, equation: card.equation, cases: cases.len(), cells }
    }
}

impl Cell {
    fn note(&mut self, case: &str, c: &Comparison) {
        self.compared += if let What::Jacobian { entries, .. } = c.what { entries } else { 1 };
        if c.error() > 0.0 || !c.ok() {
            self.worst = self.worst.max(c.error() / c.tolerance);
        }
        if !c.ok() {
            self.wrong.push(format!("{case}: {c}"));
        }
    }

    fn note_kernels(&mut self, label: &str, case: &Case, device: &Device) {
        let params = Params::seeded(1);
        let tape = Tape::training(&params).with_device(device.clone());
        let x = case.inputs(&tape, 2);
        let y = (case.body)(&tape, &x);
        if case.differentiable {
            let v: Vec<f32> = (0..y.shape().len()).map(|i| (i as f32 * 0.7).sin()).collect();
            y.backward_with(tape.input(y.shape(), &v));
        }
        // An operation that runs by its definition has nothing to be compared with.
        let fast = parity::of_tape(&tape).into_iter().filter_map(|p| Some((p.worst?, p)));
        for (worst, parity) in fast {
            self.compared += 1;
            self.worst = self.worst.max(worst);
            if !parity.ok() {
                self.wrong.push(format!("{label}: {parity}"));
            }
        }
    }
}

/// All gradient checks of a case; none if it has no gradient.
fn comparisons(case: &Case) -> Vec<Comparison> {
    let params = Params::seeded(1);
    let tape = Tape::training(&params);
    let x: Vec<Var<'_>> = case.inputs(&tape, 2);
    let y = (case.body)(&tape, &x);
    if !y.needs_grad() {
        return Vec::new();
    }
    GradCheck::recorded(&x, y).seed(3).second_order().run().comparisons
}
