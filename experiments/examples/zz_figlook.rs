//! throw-away
use ferrotape_experiments::{
    figure::{self, Curves},
    weights,
};
use std::path::Path;
struct R(u64);
impl R {
    fn u(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
    fn n(&mut self) -> f64 {
        (0..12).map(|_| self.u()).sum::<f64>() - 6.0
    }
}
struct Net {
    name: &'static str,
    loss: Vec<f64>,
    tr: Vec<f64>,
    va: Vec<f64>,
    te: f64,
}
fn net(name: &'static str, seed: u64, ftr: f64, fva: f64, n: usize) -> Net {
    let mut r = R(seed * 7919 + 13);
    for _ in 0..20 {
        r.u();
    }
    let (mut loss, mut tr, mut va) = (vec![], vec![], vec![]);
    for i in 0..n {
        let t = i as f64 / n as f64;
        let g = (1.0 - (-9.0 * t).exp()) * 0.75 + 0.25 * t;
        let p = 10.0 + (ftr - 10.0) * g;
        let sd = (p * (100.0 - p) / 50.0).sqrt();
        let a = ((p + sd * r.n()) / 2.0).round().clamp(0.0, 50.0) * 2.0;
        tr.push(a);
        loss.push((2.3 - (2.3 - (1.0 - ftr / 130.0) * 2.6) * g + 0.13 * r.n() * (0.5 + g)).max(0.01));
        let gv = (1.0 - (-10.0 * t).exp()) * 0.9 + 0.1 * t;
        va.push(10.0 + (fva - 10.0) * gv + 0.9 * r.n());
    }
    Net { name, loss, tr, va, te: fva - 0.6 }
}
fn c(n: &Net) -> Curves<'_> {
    Curves { name: n.name, loss: &n.loss, train_acc: &n.tr, val_acc: &n.va, test_acc: n.te }
}
fn main() {
    let nets = [
        net("mlp_1", 1, 55.0, 47.3, 1350),
        net("mlp_2", 2, 57.0, 47.9, 1350),
        net("cnn_3", 3, 68.0, 63.0, 1350),
        net("cnn_4", 4, 74.0, 67.0, 1350),
        net("cnn_5", 5, 66.0, 62.0, 1350),
    ];
    let d = Path::new("/tmp/figlook");
    let all: Vec<_> = nets.iter().map(c).collect();
    let t = std::time::Instant::now();
    figure::part3(&all, "part 3: all networks, CIFAR-10, edition 2025 (synthetic data)", &d.join("all"))
        .unwrap();
    println!("{:?}", t.elapsed());
    figure::part3(&all[2..3], "part 3: cnn_3, synthetic data", &d.join("one")).unwrap();
    let s = [net("mlp_1", 1, 55.0, 47.3, 1), net("cnn_4", 2, 57.0, 47.9, 6)];
    let mut v: Vec<_> = s.iter().map(c).collect();
    v.push(Curves { name: "empty", loss: &[], train_acc: &[], val_acc: &[], test_acc: f64::NAN });
    figure::part3(&v, "short curves", &d.join("short")).unwrap();
    figure::part3(&v[2..], "nothing", &d.join("nothing")).unwrap();
    let mut r = R(99991);
    for _ in 0..9 {
        r.u();
    }
    let fc: Vec<f32> = (0..32 * 3072)
        .map(|i| {
            let (u, p) = (i / 3072, i % 1024);
            let (y, x) = ((p / 32) as f64, (p % 32) as f64);
            let ch = (i % 3072 / 1024) as f64;
            (0.05 * ((x * (u as f64 * 0.05) + ch).sin() + (y * 0.03 * u as f64).cos()) + 0.02 * r.n()) as f32
        })
        .collect();
    weights::grid(&fc, &[32, 3072], [3, 32, 32], &d.join("w_fc.png")).unwrap();
    weights::grid(&fc[..32 * 1024], &[32, 1024], [1, 32, 32], &d.join("w_gray.png")).unwrap();
    let cv: Vec<f32> = (0..16 * 27).map(|_| r.n() as f32).collect();
    weights::grid(&cv, &[16, 3, 3, 3], [3, 32, 32], &d.join("w_conv.png")).unwrap();
}
