//! The sizes that are made of a photo.

use super::{Settings, colour, decode::Decoded, picture::Picture};
use crate::Refusal;

/// Widths for a photo `own` pixels wide: those of the settings that are narrower, and the largest that it has. Largest first.
pub(super) fn widths(own: u32, settings: &Settings) -> Vec<u32> {
    let largest = settings.widths.iter().copied().max().unwrap_or(own).clamp(1, own);
    let mut widths: Vec<u32> = settings
        .widths
        .iter()
        .copied()
        .filter(|width| (1..largest).contains(width))
        .collect();
    widths.push(largest);
    widths.sort_unstable_by(|a, b| b.cmp(a));
    widths.dedup();
    widths
}

/// The photo in its largest size, upright and in sRGB.
pub(super) fn rendition(decoded: Decoded, settings: &Settings) -> Result<Picture, Refusal> {
    let Decoded {
        picture,
        icc,
        orientation,
    } = decoded;
    let (width, height) = orientation.upright(picture.width, picture.height);
    let largest = widths(width, settings)[0];
    let shrunk = if largest < width {
        // Turning is undone for the target: the source is still as it was stored.
        let (to_width, to_height) = orientation.upright(largest, scaled(height, largest, width));
        picture.shrunk(to_width, to_height)?
    } else {
        picture
    };
    Ok(orientation.apply(colour::to_srgb(shrunk, icc.as_deref())?))
}

/// Gives each size to `take`, from the largest down and the square last, and returns the smallest width.
pub(super) fn each(
    largest: Picture,
    settings: &Settings,
    mut take: impl FnMut(&str, &Picture) -> Result<(), Refusal>,
) -> Result<Picture, Refusal> {
    let mut picture = largest;
    let side = settings.square.min(picture.width).min(picture.height).max(1);
    let mut square = None;
    let widths = widths(picture.width, settings);
    for (place, width) in widths.iter().enumerate() {
        if *width < picture.width {
            picture = picture.resized(*width, scaled(picture.height, *width, picture.width))?;
        }
        take(&format!("w{width}"), &picture)?;
        // The square is cut from the smallest picture that is not smaller than it.
        let next = widths
            .get(place + 1)
            .map_or(0, |next| scaled(picture.height, *next, picture.width).min(*next));
        if square.is_none() && next < side {
            square = Some(picture.square(side)?);
        }
    }
    if let Some(square) = square {
        take("square", &square)?;
    }
    Ok(picture)
}

/// `length * to / from`, rounded, at least one pixel.
fn scaled(length: u32, to: u32, from: u32) -> u32 {
    let (length, to, from) = (u64::from(length), u64::from(to), u64::from(from.max(1)));
    ((length * to + from / 2) / from).max(1) as u32
}
