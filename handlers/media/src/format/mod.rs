//! What a file is, by its bytes alone. Its name and the type its sender declares are only opinions.

mod bmff;
mod markup;
mod second;
mod sniff;
#[cfg(test)]
mod tests;

/// What bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// JPEG, of any kind.
    Jpeg,
    /// PNG, still or animated.
    Png,
    /// WebP, lossy, lossless or animated.
    WebP,
    /// GIF.
    Gif,
    /// AV1 in HEIF.
    Avif,
    /// HEVC, or anything else, in HEIF: what telephones of Apple take.
    Heic,
    /// SVG: a document that may hold scripts.
    Svg,
    /// HTML.
    Html,
    /// PDF.
    Pdf,
    /// ZIP, and all that is one: office documents, Java archives, packages.
    Zip,
    /// UTF-8 without control characters.
    Text,
    /// RIFF WAVE.
    Wav,
    /// FLAC of its own, not in Ogg.
    Flac,
    /// MPEG-1, 2 or 2.5 layer III.
    Mp3,
    /// MPEG-4 and QuickTime: AAC from telephones.
    Mp4,
    /// Ogg: Vorbis or Opus.
    Ogg,
    /// WebM: Opus from browsers.
    WebM,
}

impl Format {
    /// What `bytes` are, or nothing when they are of no kind that is known.
    ///
    /// A signature at the very beginning decides, as the WHATWG's MIME Sniffing Standard has it; ISO base media files are told apart by
    /// their brands. Text is read to its end, so that a control character anywhere makes it no text.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        sniff::sniff(bytes)
    }

    /// What else the same bytes are: the other half of a polyglot, such as a JPEG with an archive behind it, or a GIF that is a script.
    ///
    /// Archives at the end and documents at the beginning are looked for in every format. Markup is looked for in photos, where nothing
    /// honest has it. What telephones put behind a JPEG (a second picture, a film) is no other kind in this sense.
    pub fn second(self, bytes: &[u8]) -> Option<Self> {
        second::second(self, bytes)
    }

    /// As it is stored and shown, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Avif => "avif",
            Self::Heic => "heic",
            Self::Svg => "svg",
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Zip => "zip",
            Self::Text => "text",
            Self::Wav => "wav",
            Self::Flac => "flac",
            Self::Mp3 => "mp3",
            Self::Mp4 => "mp4",
            Self::Ogg => "ogg",
            Self::WebM => "webm",
        }
    }

    /// Media type to serve it with.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
            Self::Heic => "image/heic",
            Self::Svg => "image/svg+xml",
            Self::Html => "text/html",
            Self::Pdf => "application/pdf",
            Self::Zip => "application/zip",
            Self::Text => "text/plain; charset=utf-8",
            Self::Wav => "audio/wav",
            Self::Flac => "audio/flac",
            Self::Mp3 => "audio/mpeg",
            Self::Mp4 => "audio/mp4",
            Self::Ogg => "audio/ogg",
            Self::WebM => "audio/webm",
        }
    }

    /// Whether it is a picture of pixels. SVG is a document.
    pub fn is_photo(self) -> bool {
        matches!(
            self,
            Self::Jpeg | Self::Png | Self::WebP | Self::Gif | Self::Avif | Self::Heic
        )
    }

    /// Whether it may hold a recording.
    pub fn is_voice(self) -> bool {
        matches!(
            self,
            Self::Wav | Self::Flac | Self::Mp3 | Self::Mp4 | Self::Ogg | Self::WebM
        )
    }
}
