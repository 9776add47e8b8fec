//! Which images a picture of samples shows.
use ferrotape_autograd::Source;

/// The first `per_class` records of each class, class by class; fewer where a class has fewer.
///
/// For CIFAR-10 and `per_class` 8: ten lists of eight record numbers, one list a row of the picture.
pub fn sample(source: &dyn Source, per_class: usize) -> Vec<Vec<u32>> {
    let mut classes = vec![Vec::with_capacity(per_class); source.classes()];
    let mut open = classes.len();
    for record in 0..source.len() {
        let class = &mut classes[usize::from(source.label(record))];
        if class.len() < per_class {
            class.push(record as u32);
            open -= usize::from(class.len() == per_class);
        }
        if open == 0 {
            break;
        }
    }
    classes
}
