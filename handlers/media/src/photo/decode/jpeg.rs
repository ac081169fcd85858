//! JPEG.

use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

use super::{Decoded, broken, check_size};
use crate::{
    Reason, Refusal,
    photo::{
        Settings,
        orientation::Orientation,
        picture::{Channels, Picture},
    },
};

/// Scans of a progressive file. Encoders write about ten; each costs a pass over all pixels, whatever its size.
const MAX_SCANS: usize = 64;

pub(super) fn decode(bytes: &[u8], settings: &Settings) -> Result<Decoded, Refusal> {
    let Some(inks_inverted) = whole(bytes) else {
        return Err(Refusal::new(Reason::Broken, "the JPEG ends early"));
    };
    let side = Settings::MAX_SIDE as usize;
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX).max(side))
        .set_max_height(usize::from(u16::MAX).max(side))
        .jpeg_set_max_scans(MAX_SCANS);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder
        .decode_headers()
        .map_err(broken("the head of the JPEG cannot be read"))?;
    let (width, height) = decoder
        .dimensions()
        .ok_or_else(|| broken("the JPEG has no size")(()))?;
    check_size(width as u64, height as u64, settings)?;
    let stored = decoder.input_colorspace().unwrap_or(ColorSpace::YCbCr);
    let (wanted, channels) = match stored {
        ColorSpace::Luma => (ColorSpace::Luma, Channels::Grey),
        ColorSpace::CMYK | ColorSpace::YCCK => (stored, Channels::Cmyk),
        _ => (ColorSpace::RGB, Channels::Rgb),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let icc = decoder.icc_profile();
    let orientation = decoder
        .exif()
        .map_or(Orientation::UPRIGHT, |exif| Orientation::of(exif));
    let mut pixels = vec![0; width * height * channels.count()];
    decoder
        .decode_into(&mut pixels)
        .map_err(broken("the JPEG cannot be decoded"))?;
    if stored == ColorSpace::YCCK {
        ycck_to_cmyk(&mut pixels);
    }
    if channels == Channels::Cmyk && !inks_inverted {
        pixels.iter_mut().for_each(|ink| *ink = 255 - *ink);
    }
    Ok(Decoded {
        picture: Picture {
            width: width as u32,
            height: height as u32,
            channels,
            pixels,
        },
        icc,
        orientation,
    })
}

/// Walks the file to its end-of-image marker (ITU T.81 annex B): nothing when the file ends before it, else whether Adobe's marker says
/// that inks are stored inverted. The decoder itself fills what is missing with grey, and takes the thumbnail's end for the picture's.
fn whole(bytes: &[u8]) -> Option<bool> {
    let mut inverted = false;
    let mut at = 2;
    loop {
        // Between segments: a marker, and fill bytes before it. Anything else is entropy-coded, where FF is followed by 00 or RSTn.
        at += memchr::memchr(0xFF, bytes.get(at..)?)? + 1;
        match *bytes.get(at)? {
            0xD9 => return Some(inverted),
            0xFF => {}
            0x00 | 0x01 | 0xD0..=0xD8 => at += 1,
            marker => {
                let length = usize::from(u16::from_be_bytes(*bytes.get(at + 1..)?.first_chunk()?));
                inverted |= marker == 0xEE && bytes.get(at + 3..)?.starts_with(b"Adobe");
                at += 1 + length.max(2);
            }
        }
    }
}

/// Luma and chroma of the inks to the inks, in place (ITU T.871 section 6, on the complement, as Adobe stores it).
fn ycck_to_cmyk(pixels: &mut [u8]) {
    for [luma, blue, red, _] in pixels.as_chunks_mut::<4>().0 {
        let (y, cb, cr) = (
            f32::from(*luma),
            f32::from(*blue) - 128.0,
            f32::from(*red) - 128.0,
        );
        let ink = |value: f32| 255 - value.round().clamp(0.0, 255.0) as u8;
        (*luma, *blue, *red) = (
            ink(y + 1.402 * cr),
            ink(y - 0.344_136 * cb - 0.714_136 * cr),
            ink(y + 1.772 * cb),
        );
    }
}
