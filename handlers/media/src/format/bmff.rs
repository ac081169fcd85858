//! Brands of ISO base media files (ISO/IEC 14496-12 section 4.3): which specification a file follows.

use super::Format;

/// The format that the `ftyp` box names, or nothing when none of its brands is known.
pub(super) fn brands(bytes: &[u8]) -> Option<Format> {
    let size = u32::from_be_bytes(*bytes.first_chunk()?) as usize;
    // Size, type, major brand, minor version, then compatible brands. More than a few dozen brands is no honest file.
    if !(16..=1024).contains(&size) || !size.is_multiple_of(4) {
        return None;
    }
    let brands = bytes.get(8..size)?;
    let has = |wanted: &[&[u8; 4]]| {
        brands
            .chunks_exact(4)
            .enumerate()
            .any(|(place, brand)| place != 1 && wanted.iter().any(|wanted| brand == *wanted))
    };
    // A still picture in AV1 also has the brands of HEIF, so it is asked first; MIAF pictures have the brand of MP4 too.
    if has(&[b"avif", b"avis"]) {
        Some(Format::Avif)
    } else if has(&[
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
    ]) {
        Some(Format::Heic)
    } else if has(&[
        b"M4A ", b"M4B ", b"M4V ", b"mp41", b"mp42", b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"dash",
        b"qt  ", b"3gp4", b"3gp5", b"3gp6",
    ]) {
        Some(Format::Mp4)
    } else {
        None
    }
}
