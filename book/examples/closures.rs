//! Two ways to write a tape that this project does not take: boxed closures, and a graph of reference-counted nodes.
//! Both differentiate `(w x + b)²`.
use std::{cell::RefCell, rc::Rc};

/// Pushes one gradient back.
type Rule = Box<dyn FnOnce(&mut [f64])>;

/// A tape of closures.
#[derive(Default)]
struct ClosureTape {
    values: Vec<f64>,
    backward: Vec<Rule>,
}

impl ClosureTape {
    fn value(&mut self, value: f64) -> usize {
        self.values.push(value);
        self.values.len() - 1
    }

    fn mul(&mut self, a: usize, b: usize) -> usize {
        let (va, vb) = (self.values[a], self.values[b]);
        let y = self.value(va * vb);
        self.backward.push(Box::new(move |d| {
            d[a] += vb * d[y];
            d[b] += va * d[y];
        }));
        y
    }

    fn add(&mut self, a: usize, b: usize) -> usize {
        let y = self.value(self.values[a] + self.values[b]);
        self.backward.push(Box::new(move |d| {
            d[a] += d[y];
            d[b] += d[y];
        }));
        y
    }

    /// Consumes the tape: a closure can be called once, and says nothing about itself.
    fn gradients(self, of: usize) -> Vec<f64> {
        let mut d = vec![0.0; self.values.len()];
        d[of] = 1.0;
        self.backward.into_iter().rev().for_each(|rule| rule(&mut d));
        d
    }
}

/// A node of a graph: it owns what it was made of.
#[derive(Clone)]
struct Node(Rc<Inner>);

struct Inner {
    value: f64,
    grad: RefCell<f64>,
    /// Operands, each with the derivative of this node by it.
    from: Vec<(Node, f64)>,
}

impl Node {
    fn new(value: f64, from: Vec<(Node, f64)>) -> Self {
        Self(Rc::new(Inner { value, grad: RefCell::new(0.0), from }))
    }

    fn mul(&self, o: &Node) -> Node {
        Node::new(self.0.value * o.0.value, vec![(self.clone(), o.0.value), (o.clone(), self.0.value)])
    }

    fn add(&self, o: &Node) -> Node {
        Node::new(self.0.value + o.0.value, vec![(self.clone(), 1.0), (o.clone(), 1.0)])
    }

    /// Once along every path to a leaf: `2^k` visits of the node under k squarings. A sort first would save them.
    fn backward(&self, dy: f64) -> usize {
        *self.0.grad.borrow_mut() += dy;
        1 + self.0.from.iter().map(|(node, slope)| node.backward(dy * slope)).sum::<usize>()
    }
}

fn main() {
    let mut tape = ClosureTape::default();
    let [w, x, b] = [0.5, 2.0, -0.6].map(|v| tape.value(v));
    let wx = tape.mul(w, x);
    let z = tape.add(wx, b);
    let loss = tape.mul(z, z);
    let d = tape.gradients(loss);
    println!("closures  dw = {:.4}  db = {:.4}", d[w], d[b]);

    let [w, x, b] = [0.5, 2.0, -0.6].map(|v| Node::new(v, Vec::new()));
    let z = w.mul(&x).add(&b);
    let visits = z.mul(&z).backward(1.0);
    println!("nodes     dw = {:.4}  db = {:.4}, {visits} visits", w.0.grad.borrow(), b.0.grad.borrow());

    let mut y = Node::new(1.000_001, Vec::new());
    for _ in 0..16 {
        y = y.mul(&y);
    }
    println!("16 squarings: {} visits of 17 nodes", y.backward(1.0));
}
