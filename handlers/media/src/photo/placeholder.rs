//! A placeholder to show until the photo is there.

use super::picture::{Channels, Picture};

/// The ThumbHash of a picture whose sides are at most 100 pixels.
pub(super) fn thumbhash(picture: &Picture) -> Vec<u8> {
    let rgba = match picture.channels {
        Channels::Rgba => picture.pixels.clone(),
        _ => picture
            .pixels
            .as_chunks()
            .0
            .iter()
            .flat_map(|&[red, green, blue]| [red, green, blue, 255])
            .collect(),
    };
    thumbhash::rgba_to_thumb_hash(picture.width as usize, picture.height as usize, &rgba)
}
