//! The 2x2 figure and the weight pictures: sizes, words, exact pixels, same bytes twice.

use std::path::PathBuf;

use ferrotape_experiments::figure::{self, Curves, PANELS};
use ferrotape_experiments::weights;

fn wave(len: usize, level: f64) -> Vec<f64> {
    (0..len).map(|i| level + ((i * 37 % 101) as f64 - 50.0) / 10.0).collect()
}

fn png_size(png: &[u8]) -> [u32; 2] {
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    [side(16), side(20)]
}

#[test]
fn the_same_curves_give_the_same_files() {
    let (loss, train, val) = (wave(300, 8.0), wave(300, 60.0), wave(300, 50.0));
    let names = ["mlp_1", "mlp_2", "cnn_3", "cnn_4", "cnn_5"];
    let curves = names.map(|name| Curves {
        name,
        loss: &loss,
        train_acc: &train,
        val_acc: &val,
        test_acc: 49.0,
        spread: None,
    });
    let folder = tempfile::tempdir().expect("temporary folder");
    let write = |stem: &str| {
        let stem = folder.path().join(stem);
        figure::part3(&curves, "all & one, synthetic data", &stem).expect("figure is written")
    };
    let (first, second) = (write("part3.all"), write("b"));
    let expected = ["part3.all.png", "part3.all.svg"].map(|name| folder.path().join(name));
    assert_eq!(first, expected);
    let read = |paths: &[PathBuf]| -> Vec<Vec<u8>> {
        let bytes = paths.iter().map(|path| std::fs::read(path).expect("file is there"));
        bytes.collect()
    };
    let (first, second) = (read(&first), read(&second));
    assert!(first == second, "two runs gave different bytes");
    assert_eq!(png_size(&first[0])[0], 1600);
    let svg = String::from_utf8(first[1].clone()).expect("SVG is UTF-8");
    let words = PANELS.iter().chain(&names).chain(&["all &amp; one, synthetic data"]);
    for word in words {
        assert!(svg.contains(word), "SVG lacks {word}");
    }
}

#[test]
fn odd_curves_draw_without_nan() {
    let short = Curves {
        name: "short",
        loss: &[2.3],
        train_acc: &[10.0],
        val_acc: &[12.0],
        test_acc: 11.0,
        spread: None,
    };
    let empty =
        Curves { name: "empty", loss: &[], train_acc: &[], val_acc: &[], test_acc: f64::NAN, spread: None };
    let torn = Curves {
        name: "torn",
        loss: &[2.0, f64::NAN, 1e300, f64::INFINITY],
        train_acc: &[f64::NAN; 4],
        val_acc: &[1.0, 2.0],
        test_acc: 5.0,
        spread: None,
    };
    for curves in [&[empty][..], &[short], &[torn], &[short, empty, torn]] {
        let drawn = figure::render_part3(curves, "odd").expect("figure is drawn");
        assert_eq!(png_size(&drawn.png)[0], 1600);
        assert!(!drawn.svg.contains("NaN") && !drawn.svg.contains("inf"));
    }
}

#[test]
fn more_networks_than_colours_are_refused() {
    let one = Curves { name: "n", loss: &[], train_acc: &[], val_acc: &[], test_acc: 0.0, spread: None };
    for curves in [&[][..], &[one; 6]] {
        let error = figure::render_part3(curves, "").expect_err("must be refused");
        assert!(error.to_string().contains("expected 1 to 5 networks"));
    }
}

/// Three gray 1x2 filters: 48 pixels a weight, a 2x2 grid whose last cell is empty.
#[test]
fn gray_filters_pixel_by_pixel() {
    let weights = [-4.0, 0.0, 2.0, -1.0, 8.0, 4.0];
    let picture = weights::draw(&weights, &[3, 1, 1, 2], [1, 28, 28]).expect("picture");
    assert_eq!((picture.width, picture.height), (2 * 98 + 2, 2 * 50 + 2));
    let empty = picture.pixels[0];
    assert!(empty[0] != empty[2], "the gap must have a tint");
    // Limits are -2 and 4.
    let shades = [[Some(0), Some(85), Some(170), Some(43)], [Some(255), Some(255), None, None]];
    for y in 0..picture.height {
        for x in 0..picture.width {
            let cell = |at: usize, size: usize| {
                let at = at.checked_sub(2)?;
                (at % (size + 2) < size).then_some(at / (size + 2))
            };
            let shade = match (cell(x, 96), cell(y, 48)) {
                (Some(column), Some(row)) => shades[row][column * 2 + (x - 2 - column * 98) / 48],
                _ => None,
            };
            let expected = shade.map_or(empty, |shade| [shade; 3]);
            assert_eq!(picture.pixels[y * picture.width + x], expected, "at {x}, {y}");
        }
    }
}

/// Two RGB units of 1x2 images: channels lie in planes.
#[test]
fn rgb_units_read_planes() {
    let unit = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    let weights: Vec<f32> = unit.iter().chain(&[5.0; 6]).copied().collect();
    let picture = weights::draw(&weights, &[2, 6], [3, 1, 2]).expect("picture");
    assert_eq!((picture.width, picture.height), (198, 102));
    let at = |x: usize, y: usize| picture.pixels[y * picture.width + x];
    assert_eq!(at(2, 2), [0, 102, 204]);
    assert_eq!(at(49, 49), [0, 102, 204]);
    assert_eq!(at(50, 2), [51, 153, 255]);
    assert_eq!(at(100, 2), [255; 3]);
    assert_eq!(at(0, 0), [255; 3]);
    assert_eq!(at(2, 60), [255; 3]);
}

#[test]
fn weight_files_decode_to_the_picture_and_repeat() {
    let weights: Vec<f32> = (0..16 * 27).map(|i| (i * 31 % 97) as f32 - 48.0).collect();
    let shape = [16, 3, 3, 3];
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("weights.png");
    weights::grid(&weights, &shape, [3, 32, 32], "cnn_3, synthetic", &path).expect("picture is written");
    let bytes = std::fs::read(&path).expect("file is there");
    let picture = weights::draw(&weights, &shape, [3, 32, 32]).expect("picture");
    assert!(picture.png("cnn_3, synthetic").expect("PNG") == bytes);
    let decoder = png::Decoder::new(std::io::Cursor::new(&bytes));
    let mut reader = decoder.read_info().expect("PNG header");
    let text = &reader.info().uncompressed_latin1_text;
    assert!(matches!(&text[..], [t] if t.keyword == "Description" && t.text == "cnn_3, synthetic"));
    let mut decoded = vec![0; reader.output_buffer_size().expect("size fits")];
    reader.next_frame(&mut decoded).expect("PNG data");
    assert!(decoded == picture.pixels.as_flattened());
}

#[test]
fn what_is_no_first_layer_is_refused() {
    let refuse = |weights: &[f32], shape: &[usize], image: [usize; 3]| {
        let drawn = weights::draw(weights, shape, image);
        drawn.expect_err("must be refused").to_string()
    };
    let deep = refuse(&[0.0; 64], &[1, 16, 2, 2], [3, 32, 32]);
    assert!(deep.contains("[out, 3072] or [out, 3, kh, kw]"), "{deep}");
    assert!(refuse(&[0.0; 2], &[1, 2], [2, 1, 1]).contains("2 channels, expected 1 or 3"));
    assert!(refuse(&[0.0; 3], &[1, 4], [1, 2, 2]).contains("means 4 weights, got 3"));
    assert!(refuse(&[], &[0, 4], [1, 2, 2]).contains("got 0"));
    assert!(refuse(&[0.0, f32::NAN], &[1, 2], [1, 1, 2]).contains("weight 1 is NaN"));
}

#[test]
fn equal_weights_are_mid_gray() {
    let picture = weights::draw(&[0.0; 4], &[1, 4], [1, 2, 2]).expect("picture");
    assert_eq!(picture.pixels[picture.width * 2 + 2], [128; 3]);
}
