use jpeg_encoder::ColorType;
use media::{
    format::Format,
    photo::{Photo, Settings, process},
};
use png::{BitDepth, ColorType as Png};

use crate::build::{assert_near, colour_at, gif, jpeg, jpeg_with, output, png, png_with, quarters, webp};

fn made(bytes: &[u8]) -> Photo {
    process(bytes, &Settings::default()).unwrap()
}

#[track_caller]
fn assert_quarters(photo: &Photo) {
    for extension in ["webp", "jpg"] {
        let file = output(photo, &format!("w64.{extension}"));
        assert_near(&colour_at(file, 250, 250), &[200, 30, 40], 12);
        assert_near(&colour_at(file, 750, 250), &[20, 160, 60], 12);
        assert_near(&colour_at(file, 250, 750), &[30, 50, 180], 12);
        assert_near(&colour_at(file, 750, 750), &[220, 200, 40], 12);
    }
}

#[test]
fn every_kind_of_jpeg_is_read() {
    let rgb = quarters(64, 48);
    let photo = made(&jpeg(64, 48, &rgb));
    assert_eq!((photo.format, photo.width, photo.height), (Format::Jpeg, 64, 48));
    assert_quarters(&photo);
    assert_quarters(&made(&jpeg_with(64, 48, &rgb, ColorType::Rgb, |encoder| {
        encoder.set_progressive(true)
    })));
    assert_quarters(&made(&jpeg_with(64, 48, &rgb, ColorType::Rgb, |encoder| {
        encoder.set_restart_interval(2)
    })));
    let grey = made(&jpeg_with(64, 48, &[90; 64 * 48], ColorType::Luma, |_| {}));
    assert_near(&colour_at(output(&grey, "w64.jpg"), 500, 500), &[90, 90, 90], 3);
}

/// Sides that are no multiple of a block, in every sampling, sequential and in scans.
#[test]
fn odd_sizes_are_read_to_their_edges() {
    use jpeg_encoder::SamplingFactor;
    for (width, height) in [(65, 33), (47, 49), (17, 100), (9, 9), (200, 7)] {
        let pixels = [200, 30, 40].repeat(width * height);
        for sampling in [
            SamplingFactor::F_1_1,
            SamplingFactor::F_2_1,
            SamplingFactor::F_1_2,
            SamplingFactor::F_2_2,
        ] {
            for progressive in [false, true] {
                let file = jpeg_with(width as u32, height as u32, &pixels, ColorType::Rgb, |encoder| {
                    encoder.set_sampling_factor(sampling);
                    encoder.set_progressive(progressive);
                });
                let photo = made(&file);
                let name = format!("w{width}.webp");
                for (x, y) in [(0, 0), (999, 0), (0, 999), (999, 999), (500, 500)] {
                    assert_near(&colour_at(output(&photo, &name), x, y), &[200, 30, 40], 8);
                }
            }
        }
    }
}

/// What the decoder would read wrong and not say so.
#[test]
fn components_one_after_the_other_are_refused() {
    let file = jpeg_with(64, 48, &quarters(64, 48), ColorType::Rgb, |encoder| {
        encoder.set_optimized_huffman_tables(true)
    });
    assert_eq!(
        process(&file, &Settings::default()).unwrap_err().reason,
        media::Reason::UnsupportedFormat
    );
}

#[test]
fn inks_become_light() {
    let inks: Vec<u8> = quarters(64, 48)
        .as_chunks::<3>()
        .0
        .iter()
        .flat_map(|&[r, g, b]| [255 - r, 255 - g, 255 - b, 0])
        .collect();
    assert_quarters(&made(&jpeg_with(64, 48, &inks, ColorType::Cmyk, |_| {})));
    assert_quarters(&made(&jpeg_with(64, 48, &inks, ColorType::CmykAsYcck, |_| {})));
}

#[test]
fn every_kind_of_png_is_read() {
    let rgb = quarters(64, 48);
    assert_quarters(&made(&png(64, 48, Png::Rgb, BitDepth::Eight, &rgb)));
    let wide: Vec<u8> = rgb.iter().flat_map(|value| [*value, 77]).collect();
    assert_quarters(&made(&png(64, 48, Png::Rgb, BitDepth::Sixteen, &wide)));
    let colours = [[200, 30, 40], [20, 160, 60], [30, 50, 180], [220, 200, 40]];
    let index = |pixel: &[u8; 3]| colours.iter().position(|colour| colour == pixel).unwrap() as u8;
    let indexed: Vec<u8> = rgb.as_chunks().0.iter().map(index).collect();
    let palette = |mut info: png::Info<'static>| {
        info.palette = Some(colours.as_flattened().to_vec().into());
        info
    };
    let write = |writer: &mut png::Writer<&mut Vec<u8>>| writer.write_image_data(&indexed).unwrap();
    assert_quarters(&made(&png_with(
        64,
        48,
        Png::Indexed,
        BitDepth::Eight,
        palette,
        write,
    )));
    let grey = made(&png(64, 48, Png::Grayscale, BitDepth::One, &[0xFF; 8 * 48]));
    assert_near(
        &colour_at(output(&grey, "w64.jpg"), 500, 500),
        &[255, 255, 255],
        0,
    );
}

#[test]
fn webp_and_the_first_picture_of_a_gif_are_read() {
    let rgb = quarters(64, 48);
    let photo = made(&webp(64, 48, &rgb));
    assert_eq!(photo.format, Format::WebP);
    assert_quarters(&photo);
    assert_quarters(&made(&webp::Encoder::from_rgb(&rgb, 64, 48).encode_lossless()));
    let photo = made(&gif(64, 48, 3));
    assert_eq!(photo.format, Format::Gif);
    assert_near(&colour_at(output(&photo, "w64.jpg"), 500, 500), &[200, 30, 40], 6);
}

#[test]
fn what_shows_through_is_white_in_jpeg_and_stays_open_in_webp() {
    let open: Vec<u8> = (0..64 * 48)
        .flat_map(|at| [200, 30, 40, if at % 64 < 32 { 0 } else { 255 }])
        .collect();
    let half: Vec<u8> = (0..64 * 48).flat_map(|_| [0, 128]).collect();
    for file in [
        png(64, 48, Png::Rgba, BitDepth::Eight, &open),
        webp::Encoder::from_rgba(&open, 64, 48).encode_lossless().to_vec(),
    ] {
        let photo = made(&file);
        assert_near(
            &colour_at(output(&photo, "w64.jpg"), 250, 500),
            &[255, 255, 255],
            3,
        );
        assert_near(&colour_at(output(&photo, "w64.jpg"), 750, 500), &[200, 30, 40], 6);
        assert_eq!(colour_at(output(&photo, "w64.webp"), 250, 500)[3], 0);
        assert_eq!(colour_at(output(&photo, "w64.webp"), 750, 500)[3], 255);
        assert_near(&photo.colours.concat(), &[200, 30, 40], 2);
    }
    let photo = made(&png(64, 48, Png::GrayscaleAlpha, BitDepth::Eight, &half));
    assert_near(
        &colour_at(output(&photo, "w64.jpg"), 500, 500),
        &[127, 127, 127],
        3,
    );
    assert_near(&colour_at(output(&photo, "w64.webp"), 500, 500)[3..], &[128], 1);
}

#[test]
fn an_alpha_channel_of_opaque_pixels_is_left_out() {
    let opaque: Vec<u8> = quarters(64, 48)
        .as_chunks()
        .0
        .iter()
        .flat_map(|&[r, g, b]| [r, g, b, 255])
        .collect();
    let photo = made(&png(64, 48, Png::Rgba, BitDepth::Eight, &opaque));
    assert_quarters(&photo);
}
