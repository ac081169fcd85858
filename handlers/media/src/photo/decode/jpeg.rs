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
    let Some(Markers {
        inverted,
        separate,
        coefficients,
    }) = markers(bytes)
    else {
        return Err(Refusal::new(Reason::Broken, "the JPEG ends early"));
    };
    // zune-jpeg 0.5.15 decodes these to wrong colours and says nothing (its issues 422 and 448). They are rare: no camera writes them.
    if separate {
        return Err(Refusal::new(
            Reason::UnsupportedFormat,
            "the JPEG has its components one after the other",
        ));
    }
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
    let stored = decoder.input_colorspace().unwrap_or(ColorSpace::YCbCr);
    let (wanted, channels) = match stored {
        ColorSpace::Luma => (ColorSpace::Luma, Channels::Grey),
        ColorSpace::CMYK | ColorSpace::YCCK => (stored, Channels::Cmyk),
        _ => (ColorSpace::RGB, Channels::Rgb),
    };
    let cost = channels.count() as u64 + coefficients;
    check_size(width as u64, height as u64, cost, settings)?;
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
    if channels == Channels::Cmyk && !inverted {
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

/// What the markers of a file say (ITU T.81 annex B).
struct Markers {
    /// Whether Adobe's marker says that inks are stored inverted.
    inverted: bool,
    /// Whether it is sequential, and its components come one after the other.
    separate: bool,
    /// Bytes of coefficients for a pixel, all of which a progressive file needs at once.
    coefficients: u64,
}

/// Walks the file to its end-of-image marker; nothing when the file ends before it. The decoder itself fills what is missing with grey, and
/// would take the end of an embedded thumbnail for that of the picture.
fn markers(bytes: &[u8]) -> Option<Markers> {
    let mut found = Markers {
        inverted: false,
        separate: false,
        coefficients: 0,
    };
    let mut sequential_components = 0;
    let mut at = 2;
    loop {
        // Between segments stand a marker and fill bytes before it. The rest is entropy-coded, where FF is followed by 00 or RSTn.
        at += memchr::memchr(0xFF, bytes.get(at..)?)? + 1;
        match *bytes.get(at)? {
            0xD9 => return Some(found),
            0xFF => {}
            0x00 | 0x01 | 0xD0..=0xD8 => at += 1,
            marker => {
                let length = usize::from(u16::from_be_bytes(*bytes.get(at + 1..)?.first_chunk()?));
                let body = bytes.get(at + 3..)?;
                match marker {
                    0xC0 | 0xC1 => sequential_components = body.get(5).copied().unwrap_or(0),
                    0xC2 => found.coefficients = found.coefficients.max(coefficients(body)?),
                    0xDA => {
                        found.separate |= body.first().is_some_and(|count| *count < sequential_components)
                    }
                    0xEE => found.inverted |= body.starts_with(b"Adobe"),
                    _ => {}
                }
                at += 1 + length.max(2);
            }
        }
    }
}

/// Bytes of coefficients, two each, for a pixel of the frame whose header is `frame` (section B.2.2): each component has as many samples
/// as its sampling factors say, in relation to the largest ones.
fn coefficients(frame: &[u8]) -> Option<u64> {
    let count = usize::from(*frame.get(5)?);
    let factors = || {
        let both = frame.iter().skip(7).step_by(3).take(count);
        both.map(|both| (u64::from(both >> 4), u64::from(both & 15)))
    };
    let samples: u64 = factors().map(|(across, down)| across * down).sum();
    let across = factors().map(|(across, _)| across).max()?;
    let down = factors().map(|(_, down)| down).max()?;
    Some((2 * samples).div_ceil((across * down).max(1)))
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
