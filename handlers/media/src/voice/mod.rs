//! A voice recording becomes a copy that every browser plays, a drawing of it, and facts.
//!
//! The recording is decoded twice, in blocks, and never held whole: the first pass measures it, the second,
//! which then knows its length and its loudness, draws it and makes the copy. Memory is the outputs and some
//! seconds of sound, however long the recording is.

mod decode;
mod levels;
mod limiter;
mod playable;
mod resample;
mod settings;
mod speech;
mod waveform;

use crate::format::Format;
use crate::{Output, Reason, Refusal};

pub use settings::Settings;
pub use speech::Segment;
pub use waveform::POINTS;

/// What a recording is, and what was made of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Voice {
    /// What the file is.
    pub format: Format,
    /// How the sound in it is coded, such as `opus` or `pcm_s16le`.
    pub codec: &'static str,
    /// Channels, of the recording. The copy has one.
    pub channels: u16,
    /// Sample rate of the recording, in hertz.
    pub sample_rate_hz: u32,
    /// How long it is, by what was decoded; what the header claims is an opinion.
    pub duration_ms: u64,
    /// Integrated loudness by EBU R 128, in LUFS. None of silence, and of what is shorter than a gating block
    /// (400 ms).
    pub loudness_lufs: Option<f64>,
    /// The highest sample of any channel, in dB relative to full scale. None of digital silence.
    pub peak_dbfs: Option<f64>,
    /// Samples in runs of three or more at full scale in one channel.
    pub clipped_samples: u64,
    /// The share of the duration that is below [`Settings::silence_dbfs`], from 0 to 1, by windows of 20 ms.
    pub silence_share: f64,
    /// Where somebody speaks, in order, apart from each other.
    pub speech: Vec<Segment>,
    /// The lowest and the highest sample of any channel in each of [`POINTS`] equal parts, in 16 bits.
    pub peaks: Vec<[i16; 2]>,
    /// `playable.ogg`, `waveform.json`, `waveform.svg`.
    pub outputs: Vec<Output>,
}

/// Makes of a recording what is served of it.
///
/// # Errors
/// When the bytes are no recording that can be read whole within the limits of the settings.
pub fn process(bytes: &[u8], settings: &Settings) -> Result<Voice, Refusal> {
    let format = recording(bytes)?;
    // The readers of some containers reckon with what a header claims before they doubt it, and an overflow
    // is a panic in a debug build.
    std::panic::catch_unwind(|| made(bytes, format, settings)).unwrap_or_else(|_| {
        Err(Refusal {
            reason: Reason::Broken,
            detail: "its reader gave it up".into(),
        })
    })
}

/// The two passes.
fn made(bytes: &[u8], format: Format, settings: &Settings) -> Result<Voice, Refusal> {
    let mut source = decode::Source::open(bytes, format, settings)?;
    let (codec, channels, rate) = (source.codec(), source.channels(), source.rate());
    let mut levels = levels::Levels::new(channels, rate, source.full_scale(), settings)?;
    let mut speech = speech::Speech::new(rate)?;
    let mut mix = Vec::new();
    while let Some(block) = source.next()? {
        mixed(block, channels, &mut mix);
        levels.add(block, &mix)?;
        speech.add(&mix)?;
    }
    let frames = source.frames();
    let levels = levels.finish()?;

    let mut source = decode::Source::open(bytes, format, settings)?;
    let mut waveform = waveform::Waveform::new(channels, frames);
    let mut playable = playable::Playable::new(rate, levels.mix_lufs, settings)?;
    while let Some(block) = source.next()? {
        mixed(block, channels, &mut mix);
        waveform.add(block);
        playable.add(&mix)?;
    }
    let peaks = waveform.finish();
    let duration_ms = frames * 1000 / u64::from(rate);

    Ok(Voice {
        format,
        codec,
        channels: channels as u16,
        sample_rate_hz: rate,
        duration_ms,
        loudness_lufs: levels.lufs,
        peak_dbfs: levels.peak_dbfs,
        clipped_samples: levels.clipped,
        silence_share: levels.silence_share,
        speech: speech.finish(duration_ms)?,
        outputs: vec![
            output("playable.ogg", "audio/ogg", playable.finish()?),
            output(
                "waveform.json",
                "application/json",
                waveform::json(&peaks, duration_ms).into_bytes(),
            ),
            output(
                "waveform.svg",
                "image/svg+xml",
                waveform::svg(&peaks).into_bytes(),
            ),
        ],
        peaks,
    })
}

/// What the bytes are, if that is a recording and nothing else.
fn recording(bytes: &[u8]) -> Result<Format, Refusal> {
    let refused = |reason, detail: &str| {
        Err(Refusal {
            reason,
            detail: detail.into(),
        })
    };
    match Format::of(bytes) {
        None if bytes.is_empty() => refused(Reason::Empty, "there are no bytes"),
        None => refused(Reason::UnknownFormat, "the bytes are of no kind that is known"),
        Some(format) if !format.is_voice() => refused(Reason::Mismatch, "the bytes are no recording"),
        Some(format) if format.second(bytes).is_some() => {
            refused(Reason::Mismatch, "the bytes are of two kinds at once")
        }
        Some(format) => Ok(format),
    }
}

/// The mean of the channels of every frame, into `mix`.
fn mixed(block: &[f32], channels: usize, mix: &mut Vec<f32>) {
    mix.clear();
    if channels == 1 {
        mix.extend_from_slice(block);
    } else {
        mix.extend(
            block
                .chunks_exact(channels)
                .map(|frame| frame.iter().sum::<f32>() / channels as f32),
        );
    }
}

fn output(variant: &str, content_type: &'static str, bytes: Vec<u8>) -> Output {
    Output {
        variant: variant.to_owned(),
        content_type,
        pixels: None,
        bytes,
    }
}
