use jpeg_encoder::ColorType;
use media::photo::{Photo, Settings, process};
use moxcms::ColorProfile;
use png::{BitDepth, ColorType as Png};

use crate::build::{assert_near, colour_at, jpeg_with, output, png_with, webp};

/// The red of sRGB, said in Display P3 (CSS Color 4 has these numbers).
const RED_IN_P3: [u8; 3] = [234, 51, 35];

fn p3() -> Vec<u8> {
    ColorProfile::new_display_p3().encode().unwrap()
}

#[track_caller]
fn assert_red(photo: &Photo) {
    for name in ["w64.webp", "w64.jpg", "square.jpg"] {
        assert_near(&colour_at(output(photo, name), 500, 500), &[255, 0, 0], 6);
    }
    assert_near(&photo.colours[0], &[255, 0, 0], 6);
}

#[test]
fn colours_of_a_profile_become_srgb() {
    let pixels = RED_IN_P3.repeat(64 * 48);
    let file = jpeg_with(64, 48, &pixels, ColorType::Rgb, |encoder| {
        encoder.add_icc_profile(&p3()).unwrap()
    });
    assert_red(&process(&file, &Settings::default()).unwrap());
    let with_profile = |mut info: png::Info<'static>| {
        info.icc_profile = Some(p3().into());
        info
    };
    let write = |writer: &mut png::Writer<&mut Vec<u8>>| writer.write_image_data(&pixels).unwrap();
    let file = png_with(64, 48, Png::Rgb, BitDepth::Eight, with_profile, write);
    assert_red(&process(&file, &Settings::default()).unwrap());
}

#[test]
fn a_profile_survives_no_shrinking() {
    let pixels = RED_IN_P3.repeat(700 * 500);
    let file = jpeg_with(700, 500, &pixels, ColorType::Rgb, |encoder| {
        encoder.add_icc_profile(&p3()).unwrap()
    });
    let settings = Settings {
        widths: vec![64],
        ..Settings::default()
    };
    assert_red(&process(&file, &settings).unwrap());
}

#[test]
fn a_broken_or_foreign_profile_is_ignored() {
    let mut cut = p3();
    cut.truncate(200);
    let grey = ColorProfile::new_gray_with_gamma(2.2).encode().unwrap();
    for profile in [cut, grey, vec![0xFF; 4000]] {
        let pixels = RED_IN_P3.repeat(64 * 48);
        let file = jpeg_with(64, 48, &pixels, ColorType::Rgb, |encoder| {
            encoder.add_icc_profile(&profile).unwrap()
        });
        let photo = process(&file, &Settings::default()).unwrap();
        assert_near(&colour_at(output(&photo, "w64.jpg"), 500, 500), &RED_IN_P3, 4);
    }
}

#[test]
fn a_profile_of_grey_is_applied() {
    let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let file = jpeg_with(64, 48, &[55; 64 * 48], ColorType::Luma, |encoder| {
        encoder.add_icc_profile(&linear).unwrap()
    });
    let photo = process(&file, &Settings::default()).unwrap();
    // 55/255 of the light of white is 128/255 in sRGB.
    assert_near(
        &colour_at(output(&photo, "w64.jpg"), 500, 500),
        &[128, 128, 128],
        3,
    );
}

#[test]
fn outputs_of_outputs_keep_their_colours() {
    let photo = process(&webp(64, 48, &RED_IN_P3.repeat(64 * 48)), &Settings::default()).unwrap();
    let again = process(&output(&photo, "w64.webp").bytes, &Settings::default()).unwrap();
    assert_near(&colour_at(output(&again, "w64.webp"), 500, 500), &RED_IN_P3, 4);
}
