//! From the bytes of an upload to what is served: the work that takes a core.

use domain::media::{Facts, Kind, Media, PhotoFacts, Segment, VoiceFacts};
use media::format::Format;
use media::photo::{self, Photo};
use media::voice::{self, Voice};
use media::{Output, Reason, Refusal};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// What was made of an upload.
pub(super) struct Made {
    /// What it is.
    pub(super) format: Format,
    /// What is known of it; none of an attachment.
    pub(super) facts: Option<Facts>,
    /// The files to serve.
    pub(super) files: Vec<File>,
}

/// A file to serve.
pub(super) struct File {
    /// The file, with its name among the others.
    pub(super) output: Output,
    /// `<first 16 hexadecimal digits of its SHA-256>.<extension>`.
    pub(super) name: String,
}

/// What is made of the bytes, by what they were declared to be.
pub(super) fn make(
    upload: &Media,
    bytes: Vec<u8>,
    photos: &photo::Settings,
    voices: &voice::Settings,
) -> Result<Made, Refusal> {
    if let Some(declared) = upload.declared_sha256
        && declared != sha256(&bytes)
    {
        return Err(refusal(
            Reason::Mismatch,
            "the SHA-256 is not the one that was declared",
        ));
    }
    if upload.declared_type.is_none() && upload.kind == Kind::Attachment {
        // Nobody says what it is for, and what is not shown or played was not meant for the shop.
        return Err(refusal(
            Reason::UnsupportedFormat,
            "nobody declared it, and it is no photo and no recording",
        ));
    }
    let (format, facts, outputs) = match upload.kind {
        Kind::ProductPhoto => photo_of(photo::process(&bytes, photos)?),
        Kind::VoiceRecording => voice_of(voice::process(&bytes, voices)?),
        Kind::Attachment => attachment(bytes)?,
    };
    let files = outputs.into_iter().map(|output| File {
        name: name_of(&output),
        output,
    });
    Ok(Made {
        format,
        facts,
        files: files.collect(),
    })
}

fn photo_of(photo: Photo) -> (Format, Option<Facts>, Vec<Output>) {
    let size = (photo.width, photo.height);
    let facts = PhotoFacts::new(size, &photo.thumbhash, &photo.colours, photo.perceptual_hash);
    (photo.format, Some(Facts::Photo(facts)), photo.outputs)
}

fn voice_of(voice: Voice) -> (Format, Option<Facts>, Vec<Output>) {
    let speech = voice.speech.iter().map(|part| Segment {
        from_ms: part.from_ms,
        to_ms: part.to_ms,
    });
    let facts = VoiceFacts {
        codec: voice.codec.to_owned(),
        channels: voice.channels.into(),
        sample_rate_hz: voice.sample_rate_hz,
        duration_ms: voice.duration_ms,
        loudness_lufs: voice.loudness_lufs,
        peak_dbfs: voice.peak_dbfs,
        clipped_samples: voice.clipped_samples,
        silence_share: voice.silence_share,
        speech: speech.collect(),
    };
    (voice.format, Some(Facts::Voice(facts)), voice.outputs)
}

/// An attachment is kept as it is; only what a person can open without danger is.
fn attachment(bytes: Vec<u8>) -> Result<(Format, Option<Facts>, Vec<Output>), Refusal> {
    let format = Format::of(&bytes)
        .ok_or_else(|| refusal(Reason::UnknownFormat, "no known format begins like this"))?;
    let kept = format.is_photo() || format.is_voice() || matches!(format, Format::Pdf | Format::Text);
    if !kept {
        let detail = format!("{} is not taken as an attachment", format.as_str());
        return Err(refusal(Reason::UnsupportedFormat, detail));
    }
    if let Some(second) = format.second(&bytes) {
        let detail = format!("{} and {} at once", format.as_str(), second.as_str());
        return Err(refusal(Reason::Mismatch, detail));
    }
    let output = Output {
        variant: format!("original.{}", extension(format)),
        content_type: format.content_type(),
        pixels: None,
        bytes,
    };
    Ok((format, None, vec![output]))
}

pub(super) fn refusal(reason: Reason, detail: impl Into<String>) -> Refusal {
    Refusal {
        reason,
        detail: detail.into(),
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The ending that people know a format by.
fn extension(format: Format) -> &'static str {
    match format {
        Format::Jpeg => "jpg",
        Format::Text => "txt",
        other => other.as_str(),
    }
}

fn name_of(output: &Output) -> String {
    let digest = sha256(&output.bytes);
    let mut name = digest[..8]
        .iter()
        .fold(String::with_capacity(24), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        });
    if let Some((_, ending)) = output.variant.rsplit_once('.') {
        name.push('.');
        name.push_str(ending);
    }
    name
}
