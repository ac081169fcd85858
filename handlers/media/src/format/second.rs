//! Files that are two things at once.

use memchr::memmem;

use super::{Format, markup};

/// How far from the end the directory of a ZIP archive can stand: its record of 22 bytes and a comment of at most 65,535.
const ZIP_TAIL: usize = 22 + 65_535;

/// How far from the beginning readers of PDF look for its header (PDF reference 1.7, appendix H.3, note 13).
const PDF_HEAD: usize = 1024;

/// See [`Format::second`].
pub(super) fn second(first: Format, bytes: &[u8]) -> Option<Format> {
    if first != Format::Zip && has_zip(bytes) {
        return Some(Format::Zip);
    }
    if first != Format::Pdf && memmem::find(&bytes[..bytes.len().min(PDF_HEAD)], b"%PDF-").is_some() {
        return Some(Format::Pdf);
    }
    if first == Format::Gif && is_script(bytes) {
        return Some(Format::Html);
    }
    if first.is_photo() {
        markup::anywhere(bytes)
    } else {
        None
    }
}

/// Whether an end-of-central-directory record of a single-part archive stands near the end.
fn has_zip(bytes: &[u8]) -> bool {
    memmem::find(
        &bytes[bytes.len().saturating_sub(ZIP_TAIL)..],
        b"PK\x05\x06\0\0\0\0",
    )
    .is_some()
}

/// Whether the width of a GIF was chosen to open a comment or an assignment, which makes `GIF89a` the first word of a script.
fn is_script(bytes: &[u8]) -> bool {
    matches!(bytes.get(6..8), Some(b"/*" | b"//")) || bytes.get(6) == Some(&b'=')
}
