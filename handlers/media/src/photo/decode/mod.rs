//! From a file to pixels. Each decoder asks [`check_size`] before it makes room for pixels.

mod gif;
mod jpeg;
mod png;
mod webp;

use super::{Settings, orientation::Orientation, picture::Picture};
use crate::{Reason, Refusal, format::Format};

/// Pixels as they are stored, and what is needed to read them.
pub(super) struct Decoded {
    pub(super) picture: Picture,
    pub(super) icc: Option<Vec<u8>>,
    pub(super) orientation: Orientation,
}

pub(super) fn decode(format: Format, bytes: &[u8], settings: &Settings) -> Result<Decoded, Refusal> {
    match format {
        Format::Jpeg => jpeg::decode(bytes, settings),
        Format::Png => png::decode(bytes, settings),
        Format::WebP => webp::decode(bytes, settings),
        Format::Gif => gif::decode(bytes, settings),
        other => Err(Refusal::new(
            Reason::UnsupportedFormat,
            format!("{} cannot be read", other.as_str()),
        )),
    }
}

/// Refuses a picture of no pixels, of more than are taken, or of as many as are taken when each costs the decoder more than
/// [`Settings::BYTES_PER_PIXEL`]. `cost` is in bytes, of all that the decoder holds at once.
fn check_size(width: u64, height: u64, cost: u64, settings: &Settings) -> Result<(), Refusal> {
    if width == 0 || height == 0 {
        return Err(Refusal::new(Reason::Broken, "there are no pixels"));
    }
    if width.max(height) > u64::from(Settings::MAX_SIDE) {
        return Err(Refusal::new(
            Reason::TooManyPixels,
            format!("a side of more than {} pixels", Settings::MAX_SIDE),
        ));
    }
    let most =
        settings.max_pixels.saturating_mul(Settings::BYTES_PER_PIXEL) / cost.max(Settings::BYTES_PER_PIXEL);
    if width * height > most {
        return Err(Refusal::new(
            Reason::TooManyPixels,
            format!("more than {most} pixels"),
        ));
    }
    Ok(())
}

/// A file that its decoder gave up. What the decoder says may quote the file, so it is left out.
fn broken<E>(what: &'static str) -> impl FnOnce(E) -> Refusal {
    move |_| Refusal::new(Reason::Broken, what)
}
