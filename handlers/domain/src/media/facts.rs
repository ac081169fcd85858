//! What is known of a photo or a recording.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is known of an upload once it is ready; an attachment has none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Facts {
    /// Of a photo.
    Photo(PhotoFacts),
    /// Of a voice recording.
    Voice(VoiceFacts),
}

impl Facts {
    /// The perceptual hash of a photo.
    pub fn perceptual_hash(&self) -> Option<u64> {
        match self {
            Self::Photo(photo) => Some(photo.perceptual_hash),
            Self::Voice(_) => None,
        }
    }

    /// How long a recording is, in seconds.
    pub fn audio_seconds(&self) -> Option<f64> {
        match self {
            Self::Photo(_) => None,
            Self::Voice(voice) => Some(voice.duration_ms as f64 / 1000.0),
        }
    }
}

/// What is known of a photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PhotoFacts {
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
    /// Its ThumbHash in base64: a blurred picture to show until the real one is there.
    pub placeholder: String,
    /// Its main colours, the most frequent first, as `#rrggbb`.
    pub colours: Vec<String>,
    /// 64 bits that are much the same for photos that look much the same, as 16 hexadecimal digits.
    #[serde(with = "hex64")]
    #[schema(value_type = String)]
    pub perceptual_hash: u64,
}

impl PhotoFacts {
    /// The facts as they are shown, from what was measured.
    pub fn new(
        (width, height): (u32, u32),
        thumbhash: &[u8],
        colours: &[[u8; 3]],
        perceptual_hash: u64,
    ) -> Self {
        Self {
            width,
            height,
            placeholder: STANDARD.encode(thumbhash),
            colours: colours
                .iter()
                .map(|[red, green, blue]| format!("#{red:02x}{green:02x}{blue:02x}"))
                .collect(),
            perceptual_hash,
        }
    }
}

/// What is known of a voice recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VoiceFacts {
    /// How it is coded, such as `opus`.
    pub codec: String,
    /// Channels.
    pub channels: u32,
    /// Samples a second of each channel.
    pub sample_rate_hz: u32,
    /// How long it is, in milliseconds.
    pub duration_ms: u64,
    /// Loudness of the whole (EBU R 128), in LUFS; null for silence.
    pub loudness_lufs: Option<f64>,
    /// The highest sample, in dB below full scale; null for silence.
    pub peak_dbfs: Option<f64>,
    /// Samples at full scale.
    pub clipped_samples: u64,
    /// The part without speech, 0 to 1.
    pub silence_share: f64,
    /// Where someone speaks.
    pub speech: Vec<Segment>,
}

/// A part of a recording, in milliseconds from its begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Segment {
    /// Its begin.
    pub from_ms: u64,
    /// Its end.
    pub to_ms: u64,
}

/// 64 bits as 16 hexadecimal digits: numbers in JSON hold 53.
mod hex64 {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bits: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{bits:016x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let digits = String::deserialize(deserializer)?;
        u64::from_str_radix(&digits, 16).map_err(D::Error::custom)
    }
}
