//! Which file of a photo a page shows.

use super::Variant;
use std::collections::BTreeMap;

/// Begins the names of the variants that are whole pictures, each of its own width: `w640.webp`.
const WIDE: char = 'w';

/// The files of a photo as `srcset` texts, one a format (its extension): `… 320w, … 640w`. `url` tells where a file is.
pub fn srcset(variants: &[Variant], url: impl Fn(&Variant) -> String) -> BTreeMap<String, String> {
    let mut sets: BTreeMap<String, Vec<&Variant>> = BTreeMap::new();
    for variant in variants.iter().filter(|variant| is_wide(variant)) {
        if let Some((_, extension)) = variant.variant.rsplit_once('.') {
            sets.entry(extension.to_owned()).or_default().push(variant);
        }
    }
    sets.into_iter()
        .map(|(format, mut files)| {
            files.sort_by_key(|file| file.width);
            let files: Vec<_> = files
                .into_iter()
                .map(|file| format!("{} {}w", url(file), file.width.unwrap_or_default()))
                .collect();
            (format, files.join(", "))
        })
        .collect()
}

/// The file to give when none is named: the widest picture, in the format that every program reads; of what is no picture, the
/// first one.
pub fn best(variants: &[Variant]) -> Option<&Variant> {
    let pictures = variants.iter().filter(|variant| is_wide(variant));
    pictures
        .max_by_key(|variant| (variant.width, variant.content_type == "image/jpeg"))
        .or_else(|| variants.first())
}

/// Whether its name is that of a whole picture: `waveform.svg` is none.
fn is_wide(variant: &Variant) -> bool {
    let rest = variant.variant.strip_prefix(WIDE);
    variant.width.is_some() && rest.is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(name: &str, width: Option<u32>) -> Variant {
        let content_type = match name.rsplit_once('.') {
            Some((_, "jpg")) => "image/jpeg",
            Some((_, "webp")) => "image/webp",
            _ => "audio/ogg",
        };
        Variant {
            variant: name.to_owned(),
            blob: format!("id/{name}"),
            content_type: content_type.to_owned(),
            bytes: 1,
            width,
            height: width,
            etag: String::new(),
        }
    }

    #[test]
    fn a_set_a_format_by_width() {
        let variants = [
            variant("w1280.webp", Some(1280)),
            variant("w320.webp", Some(320)),
            variant("w320.jpg", Some(320)),
            variant("w1280.jpg", Some(1280)),
            variant("square.webp", Some(5000)),
            variant("waveform.svg", Some(800)),
        ];
        let sets = srcset(&variants, |file| format!("/{}", file.variant));
        let sets: Vec<_> = sets
            .iter()
            .map(|(format, set)| (format.as_str(), set.as_str()))
            .collect();
        let expected = [
            ("jpg", "/w320.jpg 320w, /w1280.jpg 1280w"),
            ("webp", "/w320.webp 320w, /w1280.webp 1280w"),
        ];
        assert_eq!(sets, expected);
        assert_eq!(
            best(&variants).map(|file| file.variant.as_str()),
            Some("w1280.jpg")
        );
    }

    #[test]
    fn what_is_no_photo_has_no_set() {
        let variants = [variant("playable.ogg", None), variant("waveform.svg", None)];
        assert!(srcset(&variants, |_| String::new()).is_empty());
        assert_eq!(
            best(&variants).map(|file| file.variant.as_str()),
            Some("playable.ogg")
        );
        assert_eq!(best(&[]), None);
    }
}
