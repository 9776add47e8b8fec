//! A sum in f32 depends on its order: split by the number of threads its bits change, split into fixed parts they do not.

/// The sum of each chunk, then of these from left to right.
fn by_chunks(x: &[f32], len: usize) -> f32 {
    x.chunks(len).map(|chunk| chunk.iter().sum::<f32>()).sum()
}

/// Sixteen fixed parts, whoever sums them; then a tree over the sixteen.
fn by_parts(x: &[f32], threads: usize) -> f32 {
    let len = x.len().div_ceil(16);
    let mut sums = [0.0; 16];
    for thread in 0..threads {
        for part in (thread..16).step_by(threads) {
            sums[part] = x.iter().skip(part * len).take(len).sum();
        }
    }
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            sums[i] += sums[i + half];
        }
    }
    sums[0]
}

fn main() {
    let x: Vec<f32> = (1..=100_000).map(|i| (i as f32).sin() / i as f32).collect();
    println!("threads   a chunk a thread      sixteen fixed parts");
    for threads in [1, 2, 3, 7] {
        let [chunks, parts] = [by_chunks(&x, x.len().div_ceil(threads)), by_parts(&x, threads)];
        println!("{threads:>7}   {chunks:.8} {:08x}   {parts:.8} {:08x}", chunks.to_bits(), parts.to_bits());
        assert_eq!(parts, by_parts(&x, 1));
    }
}
