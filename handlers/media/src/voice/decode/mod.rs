//! From bytes to samples, block by block, whatever the container and the codec.

use std::io::{Cursor, ErrorKind};
use std::sync::LazyLock;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::default::formats::{FlacReader, IsoMp4Reader, MkvReader, MpaReader, OggReader, WavReader};

use super::Settings;
use crate::format::Format;
use crate::{Reason, Refusal};

/// More channels than a voice can have, but a recorder may.
const MOST_CHANNELS: usize = 8;
/// In hertz: from the telephone's, halved, to what recorders for music have.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;
/// No sample is this far beyond full scale (+48 dB), unless the file says floating point and holds something else.
const LARGEST_SAMPLE: f32 = 256.0;

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
        let reader = reader(bytes, format).map_err(|error| refused(&error))?;
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

    /// The highest value that a sample of this recording can have: 8 bits reach less far than 16, and more than 16 is as good as 16.
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

    /// Decodes until there is a block that is not empty. False at the end.
    fn advance(&mut self) -> Result<bool, Refusal> {
        loop {
            let packet = match self.reader.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return self.end(),
                Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => return self.end(),
                Err(error) => return Err(refused(&error)),
            };
            // A table of a few bytes can claim packets without end, of no bytes each.
            self.packets += 1;
            if self.packets > self.most_packets {
                return Err(broken("it claims more packets than it has bytes"));
            }
            if packet.track_id != self.track {
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(buffer) if buffer.frames() == 0 => continue,
                Ok(buffer) => {
                    let spec = buffer.spec();
                    let (channels, rate) = (spec.channels().count(), spec.rate());
                    buffer.copy_to_vec_interleaved(&mut self.block);
                    self.check(channels, rate)?;
                    return Ok(true);
                }
                // The first frame of a stream that was cut out of another, and a bit that fell over: the rest can be heard.
                Err(Error::DecodeError(_) | Error::IoError(_)) => {
                    self.undecodable += 1;
                    if self.undecodable > 100 && self.undecodable * 10 > self.packets {
                        return Err(broken("much of it cannot be decoded"));
                    }
                }
                Err(error) => return Err(refused(&error)),
            }
        }
    }

    /// Counts and checks the block that was decoded.
    fn check(&mut self, channels: usize, rate: u32) -> Result<(), Refusal> {
        let unsupported = |detail: &str| {
            Err(Refusal {
                reason: Reason::UnsupportedFormat,
                detail: detail.into(),
            })
        };
        if self.frames == 0 {
            if !(1..=MOST_CHANNELS).contains(&channels) {
                return unsupported("it has no channel, or more than eight");
            }
            if !RATES.contains(&rate) {
                return unsupported("its sample rate is below 4 kHz or above 192 kHz");
            }
            (self.channels, self.rate) = (channels, rate);
            let by_time = self.settings.max_duration.as_secs_f64() * f64::from(rate);
            self.most_frames = (by_time as u64).min(self.settings.max_samples / channels as u64);
        } else if (self.channels, self.rate) != (channels, rate) {
            return unsupported("its channels or its sample rate change on the way");
        }
        // NaN is not below anything.
        if !self.block.iter().all(|sample| sample.abs() < LARGEST_SAMPLE) {
            return Err(broken(
                "it has samples that are not numbers, or far beyond full scale",
            ));
        }
        self.frames += (self.block.len() / channels) as u64;
        if self.frames > self.most_frames {
            return Err(Refusal {
                reason: Reason::TooLong,
                detail: "the recording is longer than is taken".into(),
            });
        }
        Ok(())
    }

    fn end(&self) -> Result<bool, Refusal> {
        if self.undecodable * 10 > self.packets {
            return Err(broken("much of it cannot be decoded"));
        }
        // Headers count what the encoder adds at the ends, so that a little less is as usual.
        let claimed = self.claimed.unwrap_or(0);
        if claimed.saturating_sub(self.frames) > claimed / 100 + u64::from(self.rate) / 5 {
            return Err(broken("it ends before its header says"));
        }
        Ok(false)
    }
}

/// The reader of a container. Only the one that the bytes ask for: a probe would look for any of them anywhere in the first megabyte.
fn reader<'a>(bytes: &'a [u8], format: Format) -> Result<Box<dyn FormatReader + 'a>, Error> {
    let bytes = if format == Format::Mp3 {
        without_id3(bytes)
    } else {
        bytes
    };
    let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes)), MediaSourceStreamOptions::default());
    let options = FormatOptions::default();
    Ok(match format {
        Format::Wav => Box::new(WavReader::try_new(stream, options)?),
        Format::Flac => Box::new(FlacReader::try_new(stream, options)?),
        Format::Mp3 => Box::new(MpaReader::try_new(stream, options)?),
        Format::Mp4 => Box::new(IsoMp4Reader::try_new(stream, options)?),
        Format::Ogg => Box::new(OggReader::try_new(stream, options)?),
        Format::WebM => Box::new(MkvReader::try_new(stream, options)?),
        _ => return Err(Error::Unsupported("no reader for this container")),
    })
}

/// What follows the ID3v2 tags: names and pictures, none of which is wanted. A tag is 10 bytes and a length of four times 7 bits
/// (ID3v2.4 structure, 3.1), and 10 more when it has a footer.
fn without_id3(mut bytes: &[u8]) -> &[u8] {
    while let [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] = *bytes {
        let length = [a, b, c, d]
            .iter()
            .fold(0_usize, |length, byte| length << 7 | usize::from(byte & 0x7f));
        let footer = if flags & 0x10 == 0 { 0 } else { 10 };
        bytes = bytes.get(10 + length + footer..).unwrap_or_default();
    }
    bytes
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
