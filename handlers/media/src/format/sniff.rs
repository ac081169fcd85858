//! Signatures at the beginning of a file.

use super::{Format, bmff, markup};

/// See [`Format::of`].
pub(super) fn sniff(bytes: &[u8]) -> Option<Format> {
    signature(bytes)
        .or_else(|| markup::markup(bytes))
        .or_else(|| is_text(bytes).then_some(Format::Text))
}

fn signature(bytes: &[u8]) -> Option<Format> {
    Some(match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Format::Jpeg,
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Format::Png,
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Format::Gif,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Format::WebP,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Format::Wav,
        [b'f', b'L', b'a', b'C', ..] => Format::Flac,
        [b'O', b'g', b'g', b'S', 0, ..] => Format::Ogg,
        [b'I', b'D', b'3', 2..=4, ..] => Format::Mp3,
        [b'%', b'P', b'D', b'F', b'-', ..] => Format::Pdf,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Format::Zip,
        [0x1A, 0x45, 0xDF, 0xA3, head @ ..] if is_webm(head) => Format::WebM,
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => bmff::brands(bytes)?,
        _ if is_mpeg_audio(bytes) => Format::Mp3,
        _ => return None,
    })
}

/// Whether an EBML header names the document type of WebM. It stands within the first few elements; Matroska has the same signature.
fn is_webm(head: &[u8]) -> bool {
    const DOC_TYPE: &[u8] = &[0x42, 0x82, 0x84, b'w', b'e', b'b', b'm'];
    head[..head.len().min(64)]
        .windows(DOC_TYPE.len())
        .any(|window| window == DOC_TYPE)
}

/// Whether a frame of layer III begins the file and another one follows it: eleven set bits alone are no signature.
fn is_mpeg_audio(bytes: &[u8]) -> bool {
    let Some(length) = frame_length(bytes) else {
        return false;
    };
    match bytes.get(length..) {
        None | Some([]) => true,
        Some(next) => frame_length(next).is_some(),
    }
}

/// Bytes of the frame of layer III whose header begins `bytes` (ISO 11172-3 section 2.4.1.3 and 13818-3).
fn frame_length(bytes: &[u8]) -> Option<usize> {
    const KILOBITS_1: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const KILOBITS_2: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let &[0xFF, version_layer, rates, ..] = bytes else {
        return None;
    };
    if version_layer & 0xE6 != 0xE2 {
        return None;
    }
    let (kilobits, samples, hertz) = match version_layer >> 3 & 3 {
        0 => (KILOBITS_2, 576, [11_025, 12_000, 8_000]),
        2 => (KILOBITS_2, 576, [22_050, 24_000, 16_000]),
        3 => (KILOBITS_1, 1_152, [44_100, 48_000, 32_000]),
        _ => return None,
    };
    let kilobits = *kilobits.get(usize::from(rates >> 4)).filter(|rate| **rate > 0)?;
    let hertz: usize = *hertz.get(usize::from(rates >> 2 & 3))?;
    Some(samples / 8 * kilobits * 1000 / hertz + usize::from(rates >> 1 & 1))
}

fn is_text(bytes: &[u8]) -> bool {
    let control = |byte: &u8| matches!(byte, 0..=8 | 0x0B | 0x0E..=0x1F | 0x7F);
    !bytes.is_empty() && !bytes.iter().any(control) && std::str::from_utf8(bytes).is_ok()
}
