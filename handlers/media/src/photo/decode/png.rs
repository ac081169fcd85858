//! PNG. Sixteen bits become eight, palettes become colours.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits, Transformations};

use super::{Decoded, broken, check_size};
use crate::{
    Refusal,
    photo::{
        Settings,
        orientation::Orientation,
        picture::{Channels, Picture},
    },
};

/// Bytes for a pixel: its four channels. Rows are unpacked one by one.
const COST: u64 = 4;

/// Bytes for what is not pixels: a profile, rows at work.
const SIDE_DATA: usize = 16 << 20;

pub(super) fn decode(bytes: &[u8], settings: &Settings) -> Result<Decoded, Refusal> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: SIDE_DATA });
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let size = decoder
        .read_header_info()
        .map_err(broken("the head of the PNG cannot be read"))?
        .size();
    check_size(size.0.into(), size.1.into(), COST, settings)?;
    let mut reader = decoder
        .read_info()
        .map_err(broken("the head of the PNG cannot be read"))?;
    let channels = match reader.output_color_type().0 {
        ColorType::Grayscale => Channels::Grey,
        ColorType::GrayscaleAlpha => Channels::GreyAlpha,
        ColorType::Rgb | ColorType::Indexed => Channels::Rgb,
        ColorType::Rgba => Channels::Rgba,
    };
    let mut pixels = vec![0; size.0 as usize * size.1 as usize * channels.count()];
    reader
        .next_frame(&mut pixels)
        .map_err(broken("the PNG cannot be decoded"))?;
    let info = reader.info();
    let icc = info.icc_profile.as_ref().map(|profile| profile.to_vec());
    let orientation = info
        .exif_metadata
        .as_ref()
        .map_or(Orientation::UPRIGHT, |exif| Orientation::of(exif));
    Ok(Decoded {
        picture: Picture {
            width: size.0,
            height: size.1,
            channels,
            pixels,
        },
        icc,
        orientation,
    })
}
