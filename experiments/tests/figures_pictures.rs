//! Sheets of sample images. With `FIGURES_TO=folder` they are also written there, to be looked at.

use std::path::Path;

use ferrotape_autograd::Source;
use ferrotape_experiments::figure;
use ferrotape_experiments::picture::{Picture, sheet};

const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Images of one colour a record, labels in turn; the last class has a single image.
#[derive(Debug)]
struct Plain {
    shape: [usize; 3],
    images: Vec<Vec<u8>>,
}

impl Plain {
    fn new(shape: [usize; 3], count: usize) -> Self {
        let [channels, h, w] = shape;
        let byte = |record: usize, i: usize| (record * 20 + i / (h * w) * 60 + i % w) as u8;
        let images = (0..count).map(|r| (0..channels * h * w).map(|i| byte(r, i)).collect()).collect();
        Self { shape, images }
    }
}

impl Source for Plain {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn shape(&self) -> [usize; 3] {
        self.shape
    }

    fn classes(&self) -> usize {
        10
    }

    fn pixels(&self, record: usize) -> &[u8] {
        &self.images[record]
    }

    fn label(&self, record: usize) -> u8 {
        if record == 9 { 9 } else { (record % 9) as u8 }
    }
}

fn look(name: &str, picture: &Picture) {
    let bytes = picture.png(name).expect("PNG");
    assert!(bytes == picture.png(name).expect("PNG"), "two encodings differ");
    if let Some(folder) = std::env::var_os("FIGURES_TO") {
        let path = Path::new(&folder).join(name).with_extension("png");
        picture.write(name, &path).expect("picture is written");
    }
}

#[test]
fn rows_are_classes() {
    let source = Plain::new([3, 32, 32], 100);
    let picture = sheet(&source, &CLASSES, 8).expect("picture");
    look("sheet", &picture);
    assert_eq!(picture.height, 10 * 100 + 4);
    let left = picture.width - 8 * 100;
    let at = |x: usize, y: usize| picture.pixels[y * picture.width + x];
    // Record 2 is the first bird; a pixel is three by three, planes are 60 apart.
    for (dx, dy) in [(0, 0), (2, 2), (2, 95)] {
        assert_eq!(at(left + dx, 4 + 200 + dy), [40, 100, 160]);
    }
    assert_eq!(at(left + 3, 4 + 200), [41, 101, 161]);
    // The second automobile is record 10.
    assert_eq!(at(left + 100, 4 + 100), [200, 4, 64]);
    assert_eq!(at(left, 4 + 900), [180, 240, 44]);
    assert_eq!(at(left + 100, 4 + 900), [255; 3], "there is one truck");
    // Something is written beside every row.
    for row in 0..10 {
        let name = (0..left).flat_map(|x| (0..96).map(move |y| (x, y)));
        assert!(name.into_iter().any(|(x, y)| at(x, 4 + row * 100 + y) == [0; 3]), "row {row} has no name");
    }
}

#[test]
fn gray_images_and_refusals() {
    let picture = sheet(&Plain::new([1, 28, 28], 50), &CLASSES, 8).expect("picture");
    look("sheet_gray", &picture);
    let left = picture.width - 8 * 88;
    assert_eq!(picture.pixels[4 * picture.width + left + 3], [1; 3]);
    let refused = |shape: [usize; 3], names: &[&str], columns: usize| {
        sheet(&Plain::new(shape, 1), names, columns).expect_err("must be refused").to_string()
    };
    assert!(refused([2, 4, 4], &CLASSES, 8).contains("2 channels, expected 1 or 3"));
    assert!(refused([1, 4, 4], &CLASSES[..3], 8).contains("3 names for 10 classes"));
    assert!(refused([1, 4, 4], &CLASSES, 0).contains("nothing to draw"));
}

#[test]
fn words_are_black_on_white() {
    let (short, long) =
        (figure::words("cat", 22.0).expect("words"), figure::words("automobile", 22.0).expect("words"));
    assert!(short.width < long.width && short.height == long.height);
    assert!(long.pixels.contains(&[0; 3]) && long.pixels[0] == [255; 3]);
    assert!(figure::words("", 22.0).is_err());
}
