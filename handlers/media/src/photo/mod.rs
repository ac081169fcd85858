//! Photos: from an upload that nobody vouches for to small files of pixels alone.
//!
//! Only decoders in Rust meet the upload; the encoder of WebP, which is C, meets pixels that this program has made. The order of the steps
//! keeps the work small: the picture is shrunk to the largest width that is wanted before its colours are converted and before it is
//! turned upright, and each width is made from the next larger one.

mod colour;
mod decode;
mod encode;
mod fingerprint;
mod orientation;
mod palette;
mod picture;
mod placeholder;
mod settings;
mod sizes;

use crate::{Output, Reason, Refusal, format::Format};

pub use settings::Settings;

/// What became of a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Photo {
    /// What the upload was.
    pub format: Format,
    /// Width of the upload in pixels, upright.
    pub width: u32,
    /// Height of the upload in pixels, upright.
    pub height: u32,
    /// A placeholder of about 25 bytes, by <https://evanw.github.io/thumbhash/>.
    pub thumbhash: Vec<u8>,
    /// One to five colours of the picture in sRGB, the most frequent first.
    pub colours: Vec<[u8; 3]>,
    /// 64 bits that differ in few places between pictures that look alike.
    pub perceptual_hash: u64,
    /// The files: each width as WebP and JPEG (`w640.webp`, `w640.jpg`), largest first, then the square crop (`square.webp`, `square.jpg`).
    pub outputs: Vec<Output>,
}

/// Makes the files of one photo.
///
/// A width that the photo does not have is left out; a photo narrower than the largest width also gets its own width, so that a photo 500
/// pixels wide has `w320` and `w500`. Outputs have no metadata and no profile: they are sRGB and upright. Resizing is done on the
/// values as they are stored, not in linear light: this is what the reference (libvips) and browsers do, and it halves memory and time.
///
/// # Errors
///
/// [`Refusal`] when the bytes are no photo, are also something else, are broken, or are more than `settings` allow. Size and pixels
/// are checked before anything is decoded.
pub fn process(bytes: &[u8], settings: &Settings) -> Result<Photo, Refusal> {
    let format = admit(bytes, settings)?;
    // Decoders reckon with what a header claims before they doubt it, and an overflow is a panic in a debug build.
    std::panic::catch_unwind(|| made(bytes, format, settings))
        .unwrap_or_else(|_| Err(Refusal::new(Reason::Broken, "its decoder gave it up")))
}

fn made(bytes: &[u8], format: Format, settings: &Settings) -> Result<Photo, Refusal> {
    let decoded = decode::decode(format, bytes, settings)?;
    let (width, height) = decoded
        .orientation
        .upright(decoded.picture.width, decoded.picture.height);
    let largest = sizes::rendition(decoded, settings)?;
    let mut outputs = Vec::new();
    let smallest = sizes::each(largest, settings, |name, picture| {
        encode::encode(name, picture, settings, &mut outputs)
    })?;
    let thumb = smallest.thumbnail(100)?;
    Ok(Photo {
        format,
        width,
        height,
        thumbhash: placeholder::thumbhash(&thumb),
        colours: palette::colours(&thumb),
        perceptual_hash: fingerprint::perceptual_hash(&smallest)?,
        outputs,
    })
}

/// What the bytes are, when they are a photo that is taken.
fn admit(bytes: &[u8], settings: &Settings) -> Result<Format, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::new(Reason::Empty, "there are no bytes"));
    }
    if bytes.len() > settings.max_bytes {
        return Err(Refusal::new(
            Reason::TooLarge,
            format!("more than {} bytes", settings.max_bytes),
        ));
    }
    let Some(format) = Format::of(bytes) else {
        return Err(Refusal::new(
            Reason::UnknownFormat,
            "no known format begins like this",
        ));
    };
    match format {
        Format::Jpeg | Format::Png | Format::WebP | Format::Gif => match format.second(bytes) {
            None => Ok(format),
            Some(second) => Err(Refusal::new(
                Reason::Mismatch,
                format!("{} and {} at once", format.as_str(), second.as_str()),
            )),
        },
        Format::Avif | Format::Heic | Format::Svg => Err(Refusal::new(
            Reason::UnsupportedFormat,
            format!("{} cannot be read", format.as_str()),
        )),
        other => Err(Refusal::new(
            Reason::Mismatch,
            format!("{} is no photo", other.as_str()),
        )),
    }
}
