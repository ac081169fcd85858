//! Files to feed, and pixels to compare.

use std::{borrow::Cow, io::Cursor};

use image_webp::WebPDecoder;
use jpeg_encoder::{ColorType, Encoder};
use media::{Output, photo::Photo};
use zune_jpeg::JpegDecoder;

/// RGB pixels of a picture with a colour in each quarter: red, green, blue, yellow.
pub(crate) fn quarters(width: u32, height: u32) -> Vec<u8> {
    paint(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => [200, 30, 40],
        (false, true) => [20, 160, 60],
        (true, false) => [30, 50, 180],
        (false, false) => [220, 200, 40],
    })
}

/// RGB pixels of soft hills, as different as their `seed`.
pub(crate) fn hills(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let seed = seed as f32;
    paint(width, height, |x, y| {
        let (x, y) = (x as f32 / width as f32, y as f32 / height as f32);
        let wave =
            |a: f32, b: f32| (((x * (a + seed)).sin() + (y * (b + seed * 1.7)).cos() + 2.0) * 63.0) as u8;
        [wave(9.0, 4.0), wave(3.0, 7.0), wave(5.0, 11.0)]
    })
}

/// RGB pixels of discs of one brightness each on a grey ground, other ones for each `seed`: outlines, as things have in photos.
pub(crate) fn scene(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    let mut random = || {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32
    };
    let discs: Vec<[f32; 6]> = (0..24).map(|_| std::array::from_fn(|_| random())).collect();
    paint(width, height, |x, y| {
        let (x, y) = (x as f32 / width as f32, y as f32 / height as f32);
        let on = |[left, top, radius, ..]: &&[f32; 6]| (x - left).hypot(y - top) < radius * 0.3;
        match discs.iter().rev().find(on) {
            Some([.., red, green, blue]) => [red, green, blue].map(|value| (value * 220.0) as u8),
            None => [128; 3],
        }
    })
}

pub(crate) fn paint(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| colour(x, y))
        .collect()
}

pub(crate) fn jpeg(width: u32, height: u32, rgb: &[u8]) -> Vec<u8> {
    jpeg_with(width, height, rgb, ColorType::Rgb, |_| {})
}

pub(crate) fn jpeg_with(
    width: u32,
    height: u32,
    pixels: &[u8],
    colour: ColorType,
    change: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 92);
    change(&mut encoder);
    encoder
        .encode(pixels, width as u16, height as u16, colour)
        .unwrap();
    file
}

pub(crate) fn png(
    width: u32,
    height: u32,
    colour: png::ColorType,
    depth: png::BitDepth,
    rows: &[u8],
) -> Vec<u8> {
    png_with(
        width,
        height,
        colour,
        depth,
        |info| info,
        |writer| writer.write_image_data(rows).unwrap(),
    )
}

pub(crate) fn png_with(
    width: u32,
    height: u32,
    colour: png::ColorType,
    depth: png::BitDepth,
    change: impl FnOnce(png::Info<'static>) -> png::Info<'static>,
    write: impl FnOnce(&mut png::Writer<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut info = png::Info::with_size(width, height);
    (info.color_type, info.bit_depth) = (colour, depth);
    let mut encoder = png::Encoder::with_info(&mut file, change(info)).unwrap();
    encoder.validate_sequence(false);
    let mut writer = encoder.write_header().unwrap();
    write(&mut writer);
    drop(writer);
    file
}

pub(crate) fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    let mut file = Vec::new();
    let palette = [200, 30, 40, 20, 160, 60];
    let mut encoder = gif::Encoder::new(&mut file, width, height, &palette).unwrap();
    let area = usize::from(width) * usize::from(height);
    for number in 0..frames {
        let buffer = Cow::Owned(vec![u8::from(number > 0); area]);
        encoder
            .write_frame(&gif::Frame {
                width,
                height,
                buffer,
                ..gif::Frame::default()
            })
            .unwrap();
    }
    drop(encoder);
    file
}

pub(crate) fn webp(width: u32, height: u32, rgb: &[u8]) -> Vec<u8> {
    webp::Encoder::from_rgb(rgb, width, height).encode(90.0).to_vec()
}

/// A TIFF block of Exif: the orientation, a place, and the words `SECRET PLACE`.
pub(crate) fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x03".to_vec();
    let mut entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        tiff.extend_from_slice(&tag.to_be_bytes());
        tiff.extend_from_slice(&kind.to_be_bytes());
        tiff.extend_from_slice(&count.to_be_bytes());
        tiff.extend_from_slice(&value);
    };
    let [high, low] = orientation.to_be_bytes();
    entry(0x010E, 2, 13, 68_u32.to_be_bytes());
    entry(0x0112, 3, 1, [high, low, 0, 0]);
    entry(0x8825, 4, 1, 50_u32.to_be_bytes());
    tiff.extend_from_slice(&[0; 4]);
    assert_eq!(tiff.len(), 50);
    tiff.extend_from_slice(b"\0\x01\0\x01\0\x02\0\0\0\x02N\0\0\0\0\0\0\0");
    assert_eq!(tiff.len(), 68);
    tiff.extend_from_slice(b"SECRET PLACE\0");
    tiff
}

pub(crate) fn output<'a>(photo: &'a Photo, variant: &str) -> &'a Output {
    photo
        .outputs
        .iter()
        .find(|output| output.variant == variant)
        .unwrap()
}

/// Width, height, bytes a pixel and pixels of an output.
pub(crate) fn pixels(output: &Output) -> (usize, usize, usize, Vec<u8>) {
    if output.content_type == "image/jpeg" {
        let mut decoder = JpegDecoder::new(zune_core::bytestream::ZCursor::new(&output.bytes));
        let pixels = decoder.decode().unwrap();
        let (width, height) = decoder.dimensions().unwrap();
        (width, height, 3, pixels)
    } else {
        let mut decoder = WebPDecoder::new(Cursor::new(&output.bytes)).unwrap();
        let (width, height) = decoder.dimensions();
        let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
        decoder.read_image(&mut pixels).unwrap();
        (
            width as usize,
            height as usize,
            if decoder.has_alpha() { 4 } else { 3 },
            pixels,
        )
    }
}

/// The colour of an output at a place, each in thousandths of its side.
pub(crate) fn colour_at(output: &Output, x: usize, y: usize) -> Vec<u8> {
    let (width, height, channels, pixels) = pixels(output);
    let at = (y * height / 1000 * width + x * width / 1000) * channels;
    pixels[at..at + channels].to_vec()
}

#[track_caller]
pub(crate) fn assert_near(found: &[u8], wanted: &[u8], tolerance: u8) {
    let near =
        found.len() == wanted.len() && found.iter().zip(wanted).all(|(a, b)| a.abs_diff(*b) <= tolerance);
    assert!(near, "found {found:?}, wanted {wanted:?}");
}
