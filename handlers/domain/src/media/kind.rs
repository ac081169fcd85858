//! What an upload is for, and what each kind takes.

use crate::interactions::names;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an upload is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MediaKind)]
pub enum Kind {
    /// A photo that every visitor of the shop may see.
    ProductPhoto,
    /// What a shopper said.
    VoiceRecording,
    /// A file beside a turn or a product, kept as it is.
    Attachment,
}

names!(Kind {
    ProductPhoto = "product_photo",
    VoiceRecording = "voice_recording",
    Attachment = "attachment",
});

const MIB: u64 = 1024 * 1024;

const PHOTO: &[&str] = &[
    "image/avif",
    "image/gif",
    "image/heic",
    "image/heif",
    "image/jpeg",
    "image/png",
    "image/webp",
];
// Recorders in browsers and phones call the same containers by several names.
const VOICE: &[&str] = &[
    "audio/aac",
    "audio/flac",
    "audio/m4a",
    "audio/mp3",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/opus",
    "audio/wav",
    "audio/wave",
    "audio/webm",
    "audio/x-flac",
    "audio/x-m4a",
    "audio/x-wav",
    "video/mp4",
    "video/webm",
];
const DOCUMENT: &[&str] = &["application/pdf", "text/plain"];

impl Kind {
    /// Whether anyone may see it, without a key, and through the CDN.
    pub fn is_public(self) -> bool {
        self == Self::ProductPhoto
    }

    /// Longest upload in bytes.
    pub fn most_bytes(self) -> u64 {
        match self {
            Self::ProductPhoto | Self::Attachment => 32 * MIB,
            // Ten minutes of stereo at 48 kHz, as it is.
            Self::VoiceRecording => 128 * MIB,
        }
    }

    /// The media types that may be declared.
    pub fn types(self) -> impl Iterator<Item = &'static str> {
        let sets: &[&[&'static str]] = match self {
            Self::ProductPhoto => &[PHOTO],
            Self::VoiceRecording => &[VOICE],
            Self::Attachment => &[DOCUMENT, PHOTO, VOICE],
        };
        sets.iter().flat_map(|set| set.iter().copied())
    }
}

/// The type itself of a declared media type, in lower case: `audio/webm` of `audio/webm;codecs=opus`.
pub fn essence(declared: &str) -> String {
    let essence = declared.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}
