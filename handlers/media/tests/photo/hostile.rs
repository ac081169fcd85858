use media::{
    Reason,
    format::Format,
    photo::{Settings, process},
};
use png::{BitDepth, ColorType as Png, chunk::ChunkType};

use crate::build::{gif, hills, jpeg, jpeg_with, png, png_with, quarters, webp};

#[track_caller]
fn refused(bytes: &[u8]) -> Reason {
    process(bytes, &Settings::default()).unwrap_err().reason
}

fn files() -> Vec<(Format, Vec<u8>)> {
    let rgb = hills(96, 64, 1);
    let progressive = |encoder: &mut jpeg_encoder::Encoder<&mut Vec<u8>>| encoder.set_progressive(true);
    vec![
        (Format::Jpeg, jpeg(96, 64, &rgb)),
        (
            Format::Jpeg,
            jpeg_with(96, 64, &rgb, jpeg_encoder::ColorType::Rgb, progressive),
        ),
        (Format::Png, png(96, 64, Png::Rgb, BitDepth::Eight, &rgb)),
        (Format::WebP, webp(96, 64, &rgb)),
        (
            Format::WebP,
            webp::Encoder::from_rgb(&rgb, 96, 64).encode_lossless().to_vec(),
        ),
        (Format::Gif, gif(96, 64, 1)),
    ]
}

#[test]
fn nothing_is_empty() {
    assert_eq!(refused(b""), Reason::Empty);
}

#[test]
fn a_file_that_ends_early_is_broken() {
    for (format, bytes) in files() {
        for tenths in 1..10 {
            let cut = &bytes[..bytes.len() * tenths / 10];
            let reason = refused(cut);
            assert!(
                matches!(reason, Reason::Broken | Reason::UnknownFormat),
                "{format:?} cut at {tenths} tenths: {reason}"
            );
        }
    }
}

#[test]
fn names_mean_nothing_and_bytes_everything() {
    for (format, bytes) in files() {
        assert_eq!(process(&bytes, &Settings::default()).unwrap().format, format);
    }
    assert_eq!(
        refused(b"<!DOCTYPE html><html><script>alert(1)</script>"),
        Reason::Mismatch
    );
    assert_eq!(refused(b"%PDF-1.7\n"), Reason::Mismatch);
    assert_eq!(refused(b"just words"), Reason::Mismatch);
    assert_eq!(
        refused(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        Reason::UnsupportedFormat
    );
    assert_eq!(
        refused(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        Reason::UnsupportedFormat
    );
    assert_eq!(
        refused(b"\0\0\0\x18ftypavif\0\0\0\0mif1avif"),
        Reason::UnsupportedFormat
    );
    assert_eq!(refused(b"\x7FELF\x02\x01\x01"), Reason::UnknownFormat);
}

#[test]
fn polyglots_are_refused() {
    let photo = jpeg(96, 64, &quarters(96, 64));
    let archive =
        b"PK\x03\x04 a file PK\x01\x02 its entry PK\x05\x06\0\0\0\0\x01\0\x01\0\x2E\0\0\0\0\0\0\0\0\0";
    assert_eq!(refused(&[&photo[..], archive].concat()), Reason::Mismatch);
    assert_eq!(
        refused(&[&photo[..], b"<html><script>alert(1)</script></html>"].concat()),
        Reason::Mismatch
    );
    let comment = jpeg_with(
        96,
        64,
        &quarters(96, 64),
        jpeg_encoder::ColorType::Rgb,
        |encoder| {
            encoder
                .add_app_segment(9, b"*/=1;<script>alert(1)</script>".to_vec())
                .unwrap();
        },
    );
    assert_eq!(refused(&comment), Reason::Mismatch);
    let mut script = gif(10_799, 1, 1);
    assert_eq!(&script[..8], b"GIF89a/*");
    script.extend_from_slice(b"*/=1;alert(1)");
    assert_eq!(refused(&script), Reason::Mismatch);
}

#[test]
fn a_bomb_is_refused_before_it_is_decoded() {
    // A kilobyte of zeros: what a zlib stream of a few bytes claims to be.
    let bomb = |width, height| {
        let write = |writer: &mut png::Writer<&mut Vec<u8>>| {
            writer
                .write_chunk(ChunkType(*b"IDAT"), b"\x78\x9C\x63\0\0\0\x01\0\x01")
                .unwrap();
            writer.write_chunk(ChunkType(*b"IEND"), b"").unwrap();
        };
        png_with(width, height, Png::Rgba, BitDepth::Sixteen, |info| info, write)
    };
    assert_eq!(refused(&bomb(60_000, 60_000)), Reason::TooManyPixels);
    assert_eq!(refused(&bomb(8_000, 8_000)), Reason::TooManyPixels);
    assert_eq!(refused(&bomb(u32::MAX / 2, 1)), Reason::TooManyPixels);
    assert_eq!(refused(&bomb(100, 100)), Reason::Broken);
    let mut huge = jpeg(96, 64, &quarters(96, 64));
    let frame = huge.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    huge[frame + 5..frame + 9].fill(0xFF);
    assert_eq!(refused(&huge), Reason::TooManyPixels);
    let mut screen = gif(96, 64, 1);
    screen[6..10].fill(0xFF);
    assert_eq!(refused(&screen), Reason::TooManyPixels);
}

/// The container says 96 by 64 pixels, the stream inside says 16,383 by 16,383.
#[test]
fn a_webp_whose_inside_is_larger_than_its_outside_is_refused() {
    let simple = webp(96, 64, &quarters(96, 64));
    let mut stream = simple[12..].to_vec();
    assert_eq!(&stream[..4], b"VP8 ");
    stream[14..18].copy_from_slice(&[0xFF, 0x3F, 0xFF, 0x3F]);
    let body = [&b"WEBPVP8X\x0A\0\0\0\0\0\0\0\x5F\0\0\x3F\0\0"[..], &stream].concat();
    let file = [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat();
    assert_eq!(refused(&file), Reason::TooManyPixels);
}

#[test]
fn ten_thousand_frames_are_one_photo() {
    let bytes = gif(64, 64, 10_000);
    assert!(process(&bytes, &Settings::default()).is_ok());
}

#[test]
fn more_bytes_than_are_taken_are_not_looked_at() {
    let zeros = vec![0; 200 << 20];
    assert_eq!(refused(&zeros), Reason::TooLarge);
    let all = Settings {
        max_bytes: usize::MAX,
        ..Settings::default()
    };
    assert_eq!(process(&zeros, &all).unwrap_err().reason, Reason::UnknownFormat);
}

/// A profile that unpacks to 400 MB of zeros is left out; the photo is taken.
#[test]
fn a_profile_that_is_a_bomb_does_not_grow() {
    let rgb = quarters(96, 64);
    let write = |writer: &mut png::Writer<&mut Vec<u8>>| {
        let mut packed = flate2::write::ZlibEncoder::new(b"p\0\0".to_vec(), flate2::Compression::best());
        (0..400).for_each(|_| std::io::Write::write_all(&mut packed, &vec![0; 1 << 20]).unwrap());
        writer
            .write_chunk(ChunkType(*b"iCCP"), &packed.finish().unwrap())
            .unwrap();
        writer.write_image_data(&rgb).unwrap();
    };
    let file = png_with(96, 64, Png::Rgb, BitDepth::Eight, |info| info, write);
    let outcome = process(&file, &Settings::default());
    assert!(outcome.is_ok() || outcome.is_err_and(|refusal| refusal.reason == Reason::Broken));
}

/// As many pixels as are taken, in files whose decoders need more memory for a pixel than others do.
#[test]
fn what_costs_more_to_decode_may_have_fewer_pixels() {
    let settings = Settings {
        max_pixels: 96 * 64,
        ..Settings::default()
    };
    let reason = |bytes: &[u8]| process(bytes, &settings).err().map(|refusal| refusal.reason);
    let ink = |progressive| {
        let cmyk = jpeg_encoder::ColorType::Cmyk;
        jpeg_with(96, 64, &[90; 96 * 64 * 4], cmyk, |encoder| {
            encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_1_1);
            encoder.set_progressive(progressive);
        })
    };
    assert_eq!(reason(&ink(false)), None);
    assert_eq!(reason(&ink(true)), Some(Reason::TooManyPixels));
    let clear: Vec<u8> = (0..96 * 64).flat_map(|at| [90, 40, 200, at as u8]).collect();
    let clear = webp::Encoder::from_rgba(&clear, 96, 64).encode(90.0);
    assert_eq!(reason(&webp(96, 64, &quarters(96, 64))), None);
    assert_eq!(reason(&clear), Some(Reason::TooManyPixels));
}
