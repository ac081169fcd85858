//! From bytes to samples, block by block, whatever the container and the codec.

mod container;
mod packets;

use std::sync::LazyLock;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatReader, TrackType};

use super::Settings;
use crate::format::Format;
use crate::{Reason, Refusal};

static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<symphonia_adapter_libopus::OpusDecoder>();
    codecs
});

/// A recording that is being decoded.
pub(super) struct Source<'a> {
    reader: Box<dyn FormatReader + 'a>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    claimed: Option<u64>,
    channels: usize,
    rate: u32,
    /// The last block, interleaved, and whether it is still to be handed out.
    block: Vec<f32>,
    held: bool,
    frames: u64,
    packets: u64,
    undecodable: u64,
    most_frames: u64,
    most_packets: u64,
    settings: &'a Settings,
}

impl<'a> Source<'a> {
    /// Reads the headers and the first block, for the headers alone do not always say what comes.
    pub(super) fn open(bytes: &'a [u8], format: Format, settings: &'a Settings) -> Result<Self, Refusal> {
        let reader = container::reader(bytes, format).map_err(|error| refused(&error))?;
        if reader
            .tracks()
            .iter()
            .any(|track| track.track_type() == Some(TrackType::Video))
        {
            return Err(Refusal {
                reason: Reason::Mismatch,
                detail: "there are pictures in the recording".into(),
            });
        }
        let unsupported = |detail: &str| Refusal {
            reason: Reason::UnsupportedFormat,
            detail: detail.into(),
        };
        let track = reader
            .default_track(TrackType::Audio)
            .ok_or_else(|| unsupported("there is no sound in it that can be read"))?;
        let Some(CodecParameters::Audio(parameters)) = &track.codec_params else {
            return Err(unsupported("there is no sound in it that can be read"));
        };
        let decoder = CODECS
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(|error| refused(&error))?;
        // Without the encoder's own header, the length of an MP3 is a guess of the reader.
        let claimed = track
            .num_frames
            .filter(|_| format != Format::Mp3 || track.delay.is_some());
        let track = track.id;

        let mut source = Self {
            reader,
            decoder,
            track,
            claimed,
            channels: 0,
            rate: 0,
            block: Vec::new(),
            held: false,
            frames: 0,
            packets: 0,
            undecodable: 0,
            most_frames: u64::MAX,
            most_packets: bytes.len() as u64 + 64,
            settings,
        };
        source.held = source.advance()?;
        if source.held {
            Ok(source)
        } else {
            Err(broken("there is no sound in it"))
        }
    }

    /// The next block of interleaved samples; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<&[f32]>, Refusal> {
        let more = std::mem::take(&mut self.held) || self.advance()?;
        Ok(more.then_some(self.block.as_slice()))
    }

    pub(super) fn codec(&self) -> &'static str {
        self.decoder.codec_info().short_name
    }

    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// The highest value that a sample of this recording can have: 8 bits reach less far than 16, and more
    /// than 16 is as good as 16.
    pub(super) fn full_scale(&self) -> f32 {
        let bits = self
            .decoder
            .codec_params()
            .bits_per_sample
            .unwrap_or(16)
            .clamp(4, 16);
        1.0 - 1.0 / (1_u32 << (bits - 1)) as f32
    }

    /// How many frames were decoded so far.
    pub(super) fn frames(&self) -> u64 {
        self.frames
    }
}

fn broken(detail: &str) -> Refusal {
    Refusal {
        reason: Reason::Broken,
        detail: detail.into(),
    }
}

fn refused(error: &Error) -> Refusal {
    match error {
        Error::Unsupported(what) => Refusal {
            reason: Reason::UnsupportedFormat,
            detail: format!("not supported: {what}"),
        },
        Error::LimitError(what) => broken(&format!("beyond a limit: {what}")),
        Error::DecodeError(what) => broken(&format!("cannot be decoded: {what}")),
        Error::ResetRequired => Refusal {
            reason: Reason::UnsupportedFormat,
            detail: "there is more than one recording in it".into(),
        },
        _ => broken("the file ends early"),
    }
}
