use media::format::Format;
use media::photo::{Photo, Settings, process};

use crate::build::{colour_at, hills, jpeg, output, pixels, png, quarters};

fn made(width: u32, height: u32) -> Photo {
    process(
        &jpeg(width, height, &hills(width, height, 1)),
        &Settings::default(),
    )
    .unwrap()
}

/// Names and sizes as they are told, which are those of the files.
fn variants(photo: &Photo) -> Vec<(String, u32, u32)> {
    photo
        .outputs
        .iter()
        .map(|output| {
            let (width, height) = output.pixels.unwrap();
            let (file_width, file_height, ..) = pixels(output);
            assert_eq!(
                (width as usize, height as usize),
                (file_width, file_height),
                "{}",
                output.variant
            );
            (output.variant.clone(), width, height)
        })
        .collect()
}

fn pairs(sizes: &[(&str, u32, u32)]) -> Vec<(String, u32, u32)> {
    let both = |&(name, width, height): &(&str, u32, u32)| {
        ["webp", "jpg"].map(|kind| (format!("{name}.{kind}"), width, height))
    };
    sizes.iter().flat_map(both).collect()
}

#[test]
fn avif_is_made_when_it_is_asked_for() {
    let settings = Settings {
        avif_quality: Some(65),
        ..Settings::default()
    };
    let file = png(
        200,
        100,
        png::ColorType::Rgba,
        png::BitDepth::Eight,
        &[90; 200 * 100 * 4],
    );
    for (bytes, alpha) in [(jpeg(200, 100, &hills(200, 100, 1)), false), (file, true)] {
        let photo = process(&bytes, &settings).unwrap();
        let all = photo
            .outputs
            .iter()
            .filter(|output| output.variant.ends_with(".avif"));
        assert_eq!(all.clone().count() * 3, photo.outputs.len());
        for output in all {
            assert_eq!(
                (Format::of(&output.bytes), output.content_type),
                (Some(Format::Avif), "image/avif")
            );
            let read = avif_parse::read_avif(&mut &output.bytes[..]).unwrap();
            let inside = read.primary_item_metadata().unwrap();
            assert_eq!(
                (inside.max_frame_width.get(), inside.max_frame_height.get()),
                output.pixels.unwrap()
            );
            assert_eq!(read.alpha_item.is_some(), alpha);
        }
    }
    assert!(
        made(200, 100)
            .outputs
            .iter()
            .all(|output| !output.variant.ends_with(".avif"))
    );
}

#[test]
fn a_large_photo_gets_every_width() {
    let photo = made(2600, 1300);
    let wanted = [
        ("w2048", 2048, 1024),
        ("w1280", 1280, 640),
        ("w640", 640, 320),
        ("w320", 320, 160),
        ("square", 640, 640),
    ];
    assert_eq!(variants(&photo), pairs(&wanted));
    assert_eq!((photo.width, photo.height), (2600, 1300));
}

#[test]
fn nothing_is_enlarged() {
    assert_eq!(
        variants(&made(500, 250)),
        pairs(&[("w500", 500, 250), ("w320", 320, 160), ("square", 250, 250)])
    );
    assert_eq!(
        variants(&made(320, 900)),
        pairs(&[("w320", 320, 900), ("square", 320, 320)])
    );
    assert_eq!(variants(&made(1, 1)), pairs(&[("w1", 1, 1), ("square", 1, 1)]));
}

#[test]
fn thin_pictures_keep_a_pixel() {
    assert_eq!(variants(&made(2048, 1))[6], ("w320.webp".to_owned(), 320, 1));
    assert_eq!(variants(&made(1, 16_383))[0], ("w1.webp".to_owned(), 1, 16_383));
}

#[test]
fn widths_come_from_the_settings_in_any_order() {
    let settings = Settings {
        widths: vec![100, 0, 40, 100],
        square: 30,
        ..Settings::default()
    };
    let photo = process(&jpeg(200, 100, &quarters(200, 100)), &settings).unwrap();
    assert_eq!(
        variants(&photo),
        pairs(&[("w100", 100, 50), ("w40", 40, 20), ("square", 30, 30)])
    );
}

#[test]
fn the_square_is_cut_from_the_middle() {
    let rgb: Vec<u8> = (0..300 * 100)
        .flat_map(|at| {
            if (100..200).contains(&(at % 300)) {
                [9, 9, 9]
            } else {
                [250, 0, 0]
            }
        })
        .collect();
    let photo = process(
        &png(300, 100, png::ColorType::Rgb, png::BitDepth::Eight, &rgb),
        &Settings::default(),
    )
    .unwrap();
    for (x, y) in [(50, 500), (500, 500), (950, 500)] {
        crate::build::assert_near(&colour_at(output(&photo, "square.webp"), x, y), &[9, 9, 9], 12);
    }
}

#[test]
fn quality_is_what_is_asked_for() {
    let bytes = jpeg(640, 480, &hills(640, 480, 3));
    let size = |quality| {
        let settings = Settings {
            webp_quality: quality,
            jpeg_quality: quality,
            ..Settings::default()
        };
        let photo = process(&bytes, &settings).unwrap();
        (
            output(&photo, "w640.webp").bytes.len(),
            output(&photo, "w640.jpg").bytes.len(),
        )
    };
    let (low, high) = (size(30), size(95));
    assert!(low.0 * 2 < high.0 && low.1 * 2 < high.1, "{low:?} {high:?}");
}
