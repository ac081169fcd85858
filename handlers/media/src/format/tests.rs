use proptest::prelude::*;

use super::Format;

fn ftyp(brands: &[&[u8; 4]]) -> Vec<u8> {
    let mut bytes = (12 + 4 * brands.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(b"ftyp");
    bytes.extend_from_slice(brands[0]);
    bytes.extend_from_slice(&[0; 4]);
    brands[1..]
        .iter()
        .for_each(|brand| bytes.extend_from_slice(*brand));
    bytes
}

#[test]
fn signatures_decide() {
    let cases: [(&[u8], Option<Format>); 26] = [
        (b"\xFF\xD8\xFF\xE0", Some(Format::Jpeg)),
        (b"\x89PNG\r\n\x1A\n", Some(Format::Png)),
        (b"GIF87a", Some(Format::Gif)),
        (b"GIF89a", Some(Format::Gif)),
        (b"GIF88a\0", None),
        (b"RIFF\0\0\0\0WEBP", Some(Format::WebP)),
        (b"RIFF\0\0\0\0WAVE", Some(Format::Wav)),
        (b"RIFF\0\0\0\0AVI ", None),
        (b"fLaC\0", Some(Format::Flac)),
        (b"OggS\0", Some(Format::Ogg)),
        (b"ID3\x04\0", Some(Format::Mp3)),
        (b"%PDF-1.7", Some(Format::Pdf)),
        (b"PK\x03\x04", Some(Format::Zip)),
        (b"PK\x05\x06", Some(Format::Zip)),
        (b"\x1A\x45\xDF\xA3\x84\x42\x82\x84webm", Some(Format::WebM)),
        (b"\x1A\x45\xDF\xA3\x88\x42\x82\x88matroska", None),
        (b"  \n<!-- a --><HTML lang=en>", Some(Format::Html)),
        (b"<script>alert(1)</script>", Some(Format::Html)),
        (
            b"<?xml version='1.0'?><!-- b --><svg onload='x()'/>",
            Some(Format::Svg),
        ),
        (b"\xEF\xBB\xBF<svg>", Some(Format::Svg)),
        (b"<?xml version='1.0'?><note/>", Some(Format::Text)),
        ("Größe 38, bitte\r\n".as_bytes(), Some(Format::Text)),
        (b"caf\xE9", None),
        (b"a\0b", None),
        (b"\x7FELF", None),
        (b"", None),
    ];
    for (bytes, format) in cases {
        assert_eq!(Format::of(bytes), format, "{}", bytes.escape_ascii());
    }
}

#[test]
fn brands_tell_pictures_from_recordings() {
    assert_eq!(
        Format::of(&ftyp(&[b"avif", b"mif1", b"miaf"])),
        Some(Format::Avif)
    );
    assert_eq!(Format::of(&ftyp(&[b"mif1", b"avif"])), Some(Format::Avif));
    assert_eq!(Format::of(&ftyp(&[b"heic", b"mif1"])), Some(Format::Heic));
    assert_eq!(Format::of(&ftyp(&[b"M4A ", b"isom", b"mp42"])), Some(Format::Mp4));
    assert_eq!(Format::of(&ftyp(&[b"zzzz"])), None);
    // The second word is a version, not a brand.
    let mut version = ftyp(&[b"zzzz"]);
    version[12..16].copy_from_slice(b"avif");
    assert_eq!(Format::of(&version), None);
    assert_eq!(
        Format::of(b"\xFF\xFF\xFF\xFCftypavif\0\0\0\0"),
        None,
        "the box ends behind the file"
    );
}

#[test]
fn one_sync_word_is_no_mp3() {
    // MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes a frame.
    let mut frames = [0xFF, 0xFB, 0x90, 0x00].to_vec();
    frames.resize(417, 0);
    frames.extend_from_slice(&[0xFF, 0xFB, 0x90, 0x00]);
    assert_eq!(Format::of(&frames), Some(Format::Mp3));
    frames[417] = 0;
    assert_eq!(Format::of(&frames), None);
}

#[test]
fn polyglots_are_told() {
    let jpeg = b"\xFF\xD8\xFF\xE0 pixels \xFF\xD9".to_vec();
    assert_eq!(Format::Jpeg.second(&jpeg), None);
    let with = |tail: &[u8]| [&jpeg[..], tail].concat();
    assert_eq!(
        Format::Jpeg.second(&with(b"PK\x05\x06\0\0\0\0\x01\0\x01\0....")),
        Some(Format::Zip)
    );
    assert_eq!(Format::Jpeg.second(&with(b"%PDF-1.4")), Some(Format::Pdf));
    assert_eq!(
        Format::Jpeg.second(&with(b"<sCript>alert(1)</script>")),
        Some(Format::Html)
    );
    assert_eq!(
        Format::Jpeg.second(&with(b"\0\0\0\x18ftypmp42")),
        None,
        "a moving picture of a telephone"
    );
    assert_eq!(
        Format::Gif.second(b"GIF89a/*\0\0*/=1;alert(1)"),
        Some(Format::Html)
    );
    assert_eq!(Format::Text.second(b"write <script> first"), None);
}

proptest! {
    /// Any bytes behind any signature have an answer; what follows never changes the answer of a signature.
    #[test]
    fn bytes_behind_a_signature_do_not_matter(tail in proptest::collection::vec(any::<u8>(), 0..600)) {
        for (head, format) in [(&b"\xFF\xD8\xFF"[..], Format::Jpeg), (b"\x89PNG\r\n\x1A\n", Format::Png), (b"GIF89a", Format::Gif), (b"%PDF-", Format::Pdf)] {
            let bytes = [head, &tail].concat();
            prop_assert_eq!(Format::of(&bytes), Some(format));
            let _ = format.second(&bytes);
        }
        if let Some(format) = Format::of(&tail) {
            let _ = format.second(&tail);
        }
    }

    /// Text is what the standard library reads as text and has no control character but tab, line feed, form feed, carriage return.
    #[test]
    fn text_is_text(text in "[^<\\pC]\\PC{0,60}") {
        prop_assume!(!text.starts_with(|first| "%GRIOPf".contains(first)));
        prop_assert_eq!(Format::of(text.as_bytes()), Some(Format::Text));
        let spoiled = format!("{text}\u{1}");
        prop_assert_eq!(Format::of(spoiled.as_bytes()), None);
    }
}
