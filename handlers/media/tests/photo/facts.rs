use media::photo::{Photo, Settings, process};

use crate::build::{assert_near, hills, jpeg, jpeg_with, paint, png, scene, webp};

fn made(bytes: &[u8]) -> Photo {
    process(bytes, &Settings::default()).unwrap()
}

#[test]
fn colours_come_by_how_much_there_is_of_them() {
    let rgb = paint(200, 100, |x, _| {
        if x < 120 {
            [180, 20, 30]
        } else if x < 170 {
            [240, 240, 235]
        } else {
            [10, 40, 90]
        }
    });
    let colours = made(&png(200, 100, png::ColorType::Rgb, png::BitDepth::Eight, &rgb)).colours;
    assert!((3..=5).contains(&colours.len()), "{colours:?}");
    assert_near(&colours[0], &[180, 20, 30], 6);
    assert_near(&colours[1], &[240, 240, 235], 6);
    assert!(
        colours
            .iter()
            .any(|colour| colour.iter().zip([10, 40, 90]).all(|(a, b)| a.abs_diff(b) < 12)),
        "{colours:?}"
    );
}

#[test]
fn a_plain_picture_has_one_colour_and_an_invisible_one_none() {
    let plain = made(&png(
        50,
        50,
        png::ColorType::Rgb,
        png::BitDepth::Eight,
        &[77; 7500],
    ));
    assert_eq!(plain.colours, [[77, 77, 77]]);
    let nothing = made(&png(
        50,
        50,
        png::ColorType::Rgba,
        png::BitDepth::Eight,
        &[0; 10_000],
    ));
    assert_eq!(nothing.colours, [[0; 3]; 0]);
}

#[test]
fn the_placeholder_has_the_colour_and_the_shape() {
    let photo = made(&png(
        200,
        100,
        png::ColorType::Rgb,
        png::BitDepth::Eight,
        &[200, 40, 40].repeat(20_000),
    ));
    let (red, green, blue, alpha) = thumbhash::thumb_hash_to_average_rgba(&photo.thumbhash).unwrap();
    assert_near(
        &[red, green, blue, alpha].map(|value| (value * 255.0) as u8),
        &[200, 40, 40, 255],
        12,
    );
    let ratio = thumbhash::thumb_hash_to_approximate_aspect_ratio(&photo.thumbhash).unwrap();
    assert!((1.6..2.5).contains(&ratio), "{ratio}");
    assert!(photo.thumbhash.len() <= 25);
}

/// Hills will not do here: a sum of what depends on x alone and on y alone has none of the frequencies that the hash is made of.
#[test]
fn the_hash_is_near_for_what_looks_alike_and_far_for_what_does_not() {
    let hash = |bytes: &[u8]| made(bytes).perceptual_hash;
    let apart = |one: u64, other: u64| (one ^ other).count_ones();
    let poor = |rgb: &[u8]| {
        jpeg_with(800, 600, rgb, jpeg_encoder::ColorType::Rgb, |encoder| {
            encoder.set_quality(25);
        })
    };
    let brighter = |rgb: Vec<u8>| rgb.iter().map(|value| value + 12).collect::<Vec<_>>();
    let photos: Vec<u64> = (1..=8)
        .map(|seed| hash(&jpeg(800, 600, &scene(800, 600, seed))))
        .collect();
    for (photo, seed) in photos.iter().zip(1..) {
        let alike = [
            hash(&jpeg(400, 300, &scene(400, 300, seed))),
            hash(&webp(700, 525, &scene(700, 525, seed))),
            hash(&poor(&scene(800, 600, seed))),
            hash(&jpeg(800, 600, &brighter(scene(800, 600, seed)))),
        ]
        .map(|other| apart(*photo, other));
        assert!(alike.iter().all(|bits| *bits <= 8), "{seed}: {alike:?}");
    }
    for (place, one) in photos.iter().enumerate() {
        for other in &photos[place + 1..] {
            assert!(apart(*one, *other) >= 16, "{place}: {}", apart(*one, *other));
        }
    }
}

#[test]
fn the_same_bytes_give_the_same_photo() {
    let bytes = jpeg(700, 500, &hills(700, 500, 4));
    assert_eq!(made(&bytes), made(&bytes));
}
