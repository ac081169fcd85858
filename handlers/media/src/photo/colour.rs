//! From whatever a photo is stored in to sRGB.

use moxcms::{ColorProfile, DataColorSpace, Layout, ParsingOptions, TransformOptions};

use super::picture::{Channels, Picture};
use crate::{Reason, Refusal};

/// Bounds for a profile: a large one of a printing press has 2 MB and 17^4 points. A larger one is left out of account.
const BOUNDS: ParsingOptions = ParsingOptions {
    max_profile_size: 4 << 20,
    max_allowed_clut_size: 2_000_000,
    max_allowed_trc_size: 20_000,
};

/// The picture as RGB, or as RGBA where a pixel is not opaque, in sRGB.
///
/// A profile that cannot be read, or is of another kind of pixel, is ignored, as browsers do: a broken profile is no broken photo.
pub(super) fn to_srgb(picture: Picture, icc: Option<&[u8]>) -> Result<Picture, Refusal> {
    let converted = match icc.and_then(|icc| ColorProfile::new_from_slice_with_options(icc, BOUNDS).ok()) {
        Some(profile) => managed(&picture, &profile),
        None => None,
    };
    let picture = match converted {
        Some(pixels) => Picture {
            channels: target(picture.channels),
            pixels,
            ..picture
        },
        None => plain(picture),
    };
    if picture.pixels.len() != picture.width as usize * picture.height as usize * picture.channels.count() {
        return Err(Refusal::new(Reason::Broken, "pixels are missing"));
    }
    Ok(opaque(picture))
}

fn target(channels: Channels) -> Channels {
    if channels.has_alpha() {
        Channels::Rgba
    } else {
        Channels::Rgb
    }
}

/// The pixels as the profile means them, or nothing when it does not fit them.
fn managed(picture: &Picture, profile: &ColorProfile) -> Option<Vec<u8>> {
    let (from, space) = match picture.channels {
        Channels::Grey => (Layout::Gray, DataColorSpace::Gray),
        Channels::GreyAlpha => (Layout::GrayAlpha, DataColorSpace::Gray),
        Channels::Rgb => (Layout::Rgb, DataColorSpace::Rgb),
        Channels::Rgba => (Layout::Rgba, DataColorSpace::Rgb),
        Channels::Cmyk => (Layout::Rgba, DataColorSpace::Cmyk),
    };
    if profile.color_space != space {
        return None;
    }
    let to = target(picture.channels);
    let layout = if to == Channels::Rgba {
        Layout::Rgba
    } else {
        Layout::Rgb
    };
    let transform = profile
        .create_transform_8bit(
            from,
            &ColorProfile::new_srgb(),
            layout,
            TransformOptions::default(),
        )
        .ok()?;
    let mut pixels = vec![0; picture.width as usize * picture.height as usize * to.count()];
    if picture.channels == Channels::Cmyk {
        // Profiles count ink, Adobe's files count its absence.
        let ink: Vec<u8> = picture.pixels.iter().map(|value| 255 - value).collect();
        transform.transform(&ink, &mut pixels).ok()?;
    } else {
        transform.transform(&picture.pixels, &mut pixels).ok()?;
    }
    Some(pixels)
}

/// The pixels taken for sRGB; ink without a profile is taken for a filter before white light.
fn plain(picture: Picture) -> Picture {
    let pixels = match picture.channels {
        Channels::Rgb | Channels::Rgba => return picture,
        Channels::Grey => picture.pixels.iter().flat_map(|&grey| [grey; 3]).collect(),
        Channels::GreyAlpha => picture
            .pixels
            .as_chunks()
            .0
            .iter()
            .flat_map(|&[grey, alpha]| [grey, grey, grey, alpha])
            .collect(),
        Channels::Cmyk => {
            let through = |light: u8, black: u8| ((u16::from(light) * u16::from(black) + 127) / 255) as u8;
            let inks = picture.pixels.as_chunks().0.iter();
            inks.flat_map(|&[cyan, magenta, yellow, black]| {
                [cyan, magenta, yellow].map(|ink| through(ink, black))
            })
            .collect()
        }
    };
    Picture {
        channels: target(picture.channels),
        pixels,
        ..picture
    }
}

/// The same without an alpha channel that says nothing: a quarter less to encode.
fn opaque(picture: Picture) -> Picture {
    if picture.channels != Channels::Rgba
        || picture
            .pixels
            .as_chunks::<4>()
            .0
            .iter()
            .any(|pixel| pixel[3] < 255)
    {
        return picture;
    }
    let pixels = picture
        .pixels
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|&[red, green, blue, _]| [red, green, blue])
        .collect();
    Picture {
        channels: Channels::Rgb,
        pixels,
        ..picture
    }
}
