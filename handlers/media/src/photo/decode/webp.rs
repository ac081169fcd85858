//! WebP, and the first picture of an animated one.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::{Decoded, broken, check_size};
use crate::{
    Refusal,
    photo::{
        Settings,
        orientation::Orientation,
        picture::{Channels, Picture},
    },
};

/// Bytes for a pixel: three of colour, and four of the lossless stream they are taken from.
const COST_OPAQUE: u64 = 7;

/// Bytes for a pixel: four of colour, two of luma and chroma, and five of the lossless stream that alpha is in.
const COST_ALPHA: u64 = 11;

/// Bytes for a pixel: four each of the result, the canvas and the frame, and two of luma and chroma.
const COST_ANIMATED: u64 = 14;

/// Bytes of a profile or of Exif.
const SIDE_DATA: usize = 4 << 20;

pub(super) fn decode(bytes: &[u8], settings: &Settings) -> Result<Decoded, Refusal> {
    let mut decoder =
        WebPDecoder::new(Cursor::new(bytes)).map_err(broken("the head of the WebP cannot be read"))?;
    let (width, height) = decoder.dimensions();
    let cost = match (decoder.is_animated(), decoder.has_alpha()) {
        (true, _) => COST_ANIMATED,
        (false, true) => COST_ALPHA,
        (false, false) => COST_OPAQUE,
    };
    check_size(width.into(), height.into(), cost, settings)?;
    check_streams(bytes.get(12..).unwrap_or_default(), settings)?;
    decoder.set_memory_limit(SIDE_DATA);
    // A profile or Exif that cannot be read is no broken photo.
    let icc = decoder.icc_profile().ok().flatten();
    let exif = decoder.exif_metadata().ok().flatten();
    decoder.set_memory_limit(usize::MAX);
    let channels = if decoder.has_alpha() {
        Channels::Rgba
    } else {
        Channels::Rgb
    };
    let mut pixels = vec![0; width as usize * height as usize * channels.count()];
    decoder
        .read_image(&mut pixels)
        .map_err(broken("the WebP cannot be decoded"))?;
    let orientation = exif.map_or(Orientation::UPRIGHT, |exif| Orientation::of(&exif));
    Ok(Decoded {
        picture: Picture {
            width,
            height,
            channels,
            pixels,
        },
        icc,
        orientation,
    })
}

/// Checks the size that each lossy stream claims for itself, against what the container around it says: the decoder makes room for the
/// stream first and compares later.
fn check_streams(mut chunks: &[u8], settings: &Settings) -> Result<(), Refusal> {
    while let Some(([a, b, c, d, size @ ..], rest)) = chunks.split_first_chunk::<8>() {
        let mut next = (u32::from_le_bytes(*size) as usize).next_multiple_of(2);
        match [*a, *b, *c, *d] {
            // A frame of an animation: sixteen bytes about it, then chunks of its own.
            [b'A', b'N', b'M', b'F'] => next = 16,
            [b'V', b'P', b'8', b' '] => {
                if let Some(&[_, _, _, _, _, _, a, b, c, d]) = rest.first_chunk() {
                    let side = |low, high| u64::from(u16::from_le_bytes([low, high]) & 0x3FFF);
                    check_size(side(a, b), side(c, d), COST_OPAQUE, settings)?;
                }
            }
            _ => {}
        }
        chunks = rest.get(next..).unwrap_or_default();
    }
    Ok(())
}
