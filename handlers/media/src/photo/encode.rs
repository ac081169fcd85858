//! From pixels to files, which hold pixels and nothing else.

use std::borrow::Cow;

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder as Jpeg};
use ravif::{Encoder as Avif, Img, RGBA8};
use webp::{Encoder as WebP, WebPConfig};

use super::{
    Settings,
    picture::{Channels, Picture},
};
use crate::{Output, Reason, Refusal};

/// Adds the files of one size to `outputs`.
pub(super) fn encode(
    name: &str,
    picture: &Picture,
    settings: &Settings,
    outputs: &mut Vec<Output>,
) -> Result<(), Refusal> {
    let mut put = |extension: &str, content_type, bytes| {
        let variant = format!("{name}.{extension}");
        outputs.push(Output {
            variant,
            content_type,
            pixels: Some((picture.width, picture.height)),
            bytes,
        });
    };
    if let Some(quality) = settings.avif_quality {
        put("avif", "image/avif", avif(picture, quality)?);
    }
    put("webp", "image/webp", webp(picture, settings)?);
    put("jpg", "image/jpeg", jpeg(picture, settings)?);
    Ok(())
}

fn webp(picture: &Picture, settings: &Settings) -> Result<Vec<u8>, Refusal> {
    let failed = |what: &str| Refusal::new(Reason::Broken, format!("cannot be encoded: {what}"));
    let mut config = WebPConfig::new().map_err(|()| failed("no configuration"))?;
    config.quality = f32::from(settings.webp_quality.min(100));
    config.method = i32::from(settings.webp_effort.min(6));
    let encoder = match picture.channels {
        Channels::Rgba => WebP::from_rgba(&picture.pixels, picture.width, picture.height),
        _ => WebP::from_rgb(&picture.pixels, picture.width, picture.height),
    };
    let file = encoder
        .encode_advanced(&config)
        .map_err(|error| failed(&format!("{error:?}")))?;
    Ok(file.to_vec())
}

/// How fast AVIF is made, 1 (small) to 10 (fast).
const AVIF_SPEED: u8 = 8;

fn avif(picture: &Picture, quality: u8) -> Result<Vec<u8>, Refusal> {
    let failed = |error| Refusal::new(Reason::Broken, format!("cannot be encoded: {error}"));
    let encoder = Avif::new()
        .with_quality(f32::from(quality.clamp(1, 100)))
        .with_speed(AVIF_SPEED);
    let (width, height) = (picture.width as usize, picture.height as usize);
    // Alpha is left out of the file where it is full everywhere. The other function, of RGB, is compiled anew by every crate that calls it.
    let pixels: Vec<_> = match picture.channels {
        Channels::Rgba => {
            let pixels = picture.pixels.as_chunks().0.iter();
            pixels.map(|&[r, g, b, a]| RGBA8 { r, g, b, a }).collect()
        }
        _ => {
            let pixels = picture.pixels.as_chunks().0.iter();
            pixels.map(|&[r, g, b]| RGBA8 { r, g, b, a: 255 }).collect()
        }
    };
    let file = encoder.encode_rgba(Img::new(&pixels, width, height));
    Ok(file.map_err(failed)?.avif_file)
}

fn jpeg(picture: &Picture, settings: &Settings) -> Result<Vec<u8>, Refusal> {
    let failed = |error| Refusal::new(Reason::Broken, format!("cannot be encoded: {error}"));
    let mut file = Vec::with_capacity(picture.pixels.len() / 8);
    let mut encoder = Jpeg::new(&mut file, settings.jpeg_quality.clamp(1, 100));
    // Neither progressive nor with tables of its own: with this encoder the first saves nothing, and the second puts the components one
    // after the other, which few programs expect. JPEG is here for those that expect little.
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    // Sides are at most 16,383 pixels, which is what WebP has.
    let side = |length: u32| u16::try_from(length).unwrap_or(u16::MAX);
    encoder
        .encode(
            &on_white(picture),
            side(picture.width),
            side(picture.height),
            ColorType::Rgb,
        )
        .map_err(failed)?;
    Ok(file)
}

/// The picture as RGB on white, since JPEG knows no transparency.
pub(super) fn on_white(picture: &Picture) -> Cow<'_, [u8]> {
    if picture.channels != Channels::Rgba {
        return Cow::Borrowed(&picture.pixels);
    }
    let over = |value: u8, alpha: u8| {
        ((u32::from(value) * u32::from(alpha) + 255 * (255 - u32::from(alpha)) + 127) / 255) as u8
    };
    let pixels = picture.pixels.as_chunks().0.iter();
    Cow::Owned(
        pixels
            .flat_map(|&[red, green, blue, alpha]| [red, green, blue].map(|value| over(value, alpha)))
            .collect(),
    )
}
