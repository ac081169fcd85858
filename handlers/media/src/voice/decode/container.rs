//! The readers of containers.

use std::io::Cursor;

use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::default::formats::{FlacReader, IsoMp4Reader, MkvReader, MpaReader, OggReader, WavReader};

use crate::format::Format;

/// The reader of a container. Only the one that the bytes ask for: a probe would look for any of them
/// anywhere in the first megabyte.
pub(super) fn reader<'a>(bytes: &'a [u8], format: Format) -> Result<Box<dyn FormatReader + 'a>, Error> {
    let bytes = if format == Format::Mp3 {
        without_id3(bytes)
    } else {
        bytes
    };
    let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes)), MediaSourceStreamOptions::default());
    let options = FormatOptions::default();
    Ok(match format {
        Format::Wav => Box::new(WavReader::try_new(stream, options)?),
        Format::Flac => Box::new(FlacReader::try_new(stream, options)?),
        Format::Mp3 => Box::new(MpaReader::try_new(stream, options)?),
        Format::Mp4 => Box::new(IsoMp4Reader::try_new(stream, options)?),
        Format::Ogg => Box::new(OggReader::try_new(stream, options)?),
        Format::WebM => Box::new(MkvReader::try_new(stream, options)?),
        _ => return Err(Error::Unsupported("no reader for this container")),
    })
}

/// What follows the ID3v2 tags: names and pictures, none of which is wanted. A tag is 10 bytes and a length
/// of four times 7 bits (ID3v2.4 structure, 3.1), and 10 more when it has a footer.
fn without_id3(mut bytes: &[u8]) -> &[u8] {
    while let [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] = *bytes {
        let length = [a, b, c, d]
            .iter()
            .fold(0_usize, |length, byte| length << 7 | usize::from(byte & 0x7f));
        let footer = if flags & 0x10 == 0 { 0 } else { 10 };
        bytes = bytes.get(10 + length + footer..).unwrap_or_default();
    }
    bytes
}
