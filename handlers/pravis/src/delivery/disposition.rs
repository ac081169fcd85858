//! `Content-Disposition` (RFC 6266): whether a file is shown or saved, and under which name.

use domain::media::{Kind, Variant};
use std::fmt::Write as _;

/// The header of a file of an upload that the client called `name`. Attachments are saved, never shown; what was made of a photo or
/// a recording has its own ending.
pub fn content_disposition(kind: Kind, name: &str, variant: &Variant) -> String {
    match kind {
        Kind::Attachment => header("attachment", name),
        Kind::ProductPhoto | Kind::VoiceRecording => {
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            let ending = variant
                .variant
                .rsplit_once('.')
                .map_or("bin", |(_, ending)| ending);
            header("inline", &format!("{stem}.{ending}"))
        }
    }
}

fn header(how: &str, name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " ._()-".contains(c);
    let ascii: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        // `attr-char` of RFC 8187.
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(name: &str) -> Variant {
        Variant {
            variant: name.to_owned(),
            blob: String::new(),
            content_type: String::new(),
            bytes: 0,
            width: None,
            height: None,
            etag: String::new(),
        }
    }

    #[test]
    fn a_name_cannot_leave_its_place() {
        assert_eq!(
            content_disposition(Kind::ProductPhoto, "bag.HEIC", &variant("w640.webp")),
            "inline; filename=\"bag.webp\"; filename*=UTF-8''bag.webp"
        );
        assert_eq!(
            content_disposition(Kind::Attachment, "a\";x=\"é👜%.pdf", &variant("original")),
            "attachment; filename=\"a__x_____.pdf\"; filename*=UTF-8''a%22%3Bx%3D%22%C3%A9%F0%9F%91%9C%25.pdf"
        );
        assert_eq!(
            content_disposition(Kind::VoiceRecording, "unnamed", &variant("playable.ogg")),
            "inline; filename=\"unnamed.ogg\"; filename*=UTF-8''unnamed.ogg"
        );
    }
}
