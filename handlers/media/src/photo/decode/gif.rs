//! The first picture of a GIF.

use std::io::Cursor;

use gif::{ColorOutput, DecodeOptions, MemoryLimit};

use super::{Decoded, broken, check_size};
use crate::{
    Refusal,
    photo::{
        Settings,
        orientation::Orientation,
        picture::{Channels, Picture},
    },
};

/// Bytes for a pixel: the picture, and the screen when the picture does not fill it.
const COST: u64 = 8;

pub(super) fn decode(bytes: &[u8], settings: &Settings) -> Result<Decoded, Refusal> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    options.check_frame_consistency(true);
    options.set_memory_limit(MemoryLimit::Unlimited);
    let mut decoder = options
        .read_info(Cursor::new(bytes))
        .map_err(broken("the head of the GIF cannot be read"))?;
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    check_size(width as u64, height as u64, COST, settings)?;
    let frame = decoder
        .next_frame_info()
        .map_err(broken("the GIF cannot be decoded"))?
        .ok_or_else(|| broken("the GIF has no picture")(()))?;
    let (left, top, across) = (
        usize::from(frame.left),
        usize::from(frame.top),
        usize::from(frame.width),
    );
    // The picture fits the screen, whose size is checked: its own size is checked by the decoder.
    let mut part = vec![0; decoder.buffer_size()];
    decoder
        .read_into_buffer(&mut part)
        .map_err(broken("the GIF cannot be decoded"))?;
    let pixels = if part.len() == width * height * 4 {
        part
    } else {
        let mut screen = vec![0; width * height * 4];
        for (row, line) in part.chunks_exact((across * 4).max(1)).enumerate() {
            let at = ((top + row) * width + left) * 4;
            screen[at..at + line.len()].copy_from_slice(line);
        }
        screen
    };
    let icc = decoder.icc_profile().map(<[u8]>::to_vec);
    let picture = Picture {
        width: width as u32,
        height: height as u32,
        channels: Channels::Rgba,
        pixels,
    };
    Ok(Decoded {
        picture,
        icc,
        orientation: Orientation::UPRIGHT,
    })
}
