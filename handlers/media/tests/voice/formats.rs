//! Each container and codec that is taken, by a real file.

use media::format::Format;

use crate::{output, voice};

/// What was said, in milliseconds, in every one of the files.
const SAID: [(u64, u64); 2] = [(500, 1967), (2667, 3247)];
const DURATION_MS: u64 = 3647;

/// How far a detector that hears 16 ms at a time, and a codec that begins early, may be off.
const NEAR_MS: u64 = 130;

fn check(file: &[u8], format: Format, codec: &str, channels: u16, rate: u32) {
    let voice = voice(file);
    assert_eq!(
        (voice.format, voice.codec, voice.channels, voice.sample_rate_hz),
        (format, codec, channels, rate)
    );
    assert!(
        voice.duration_ms.abs_diff(DURATION_MS) < 70,
        "{}",
        voice.duration_ms
    );
    // A mono sentence in two channels counts twice (BS.1770: the energies are added).
    let lufs = voice.loudness_lufs.unwrap() - 10.0 * f64::from(channels).log10();
    assert!((-25.0..-24.0).contains(&lufs), "{lufs}");
    assert!(
        (-6.5..-5.0).contains(&voice.peak_dbfs.unwrap()),
        "{:?}",
        voice.peak_dbfs
    );
    assert_eq!(voice.clipped_samples, 0);
    assert!(
        (0.40..0.50).contains(&voice.silence_share),
        "{}",
        voice.silence_share
    );
    assert_eq!(voice.speech.len(), SAID.len(), "{:?}", voice.speech);
    for (heard, (from_ms, to_ms)) in voice.speech.iter().zip(SAID) {
        assert!(
            heard.from_ms.abs_diff(from_ms) < NEAR_MS && heard.to_ms.abs_diff(to_ms) < NEAR_MS,
            "{heard:?}"
        );
    }
    let variants: Vec<_> = voice
        .outputs
        .iter()
        .map(|output| (output.variant.as_str(), output.content_type))
        .collect();
    assert_eq!(
        variants,
        [
            ("playable.ogg", "audio/ogg"),
            ("waveform.json", "application/json"),
            ("waveform.svg", "image/svg+xml")
        ]
    );

    let copy = crate::voice(output(&voice, "playable.ogg"));
    assert_eq!((copy.format, copy.codec, copy.channels), (Format::Ogg, "opus", 1));
    assert!(
        copy.duration_ms.abs_diff(voice.duration_ms) <= 1,
        "{} of {}",
        copy.duration_ms,
        voice.duration_ms
    );
    // The peaks of a sentence are 18 dB above its loudness; what holds them takes some of the loudness.
    assert!(
        (-18.6..-15.5).contains(&copy.loudness_lufs.unwrap()),
        "{:?}",
        copy.loudness_lufs
    );
    assert!(copy.peak_dbfs.unwrap() < -1.0, "{:?}", copy.peak_dbfs);
    assert_eq!(copy.speech.len(), SAID.len(), "{:?}", copy.speech);
}

#[test]
fn wav_of_a_telephone() {
    check(
        include_bytes!("files/speech.wav"),
        Format::Wav,
        "pcm_mulaw",
        1,
        8_000,
    );
}

#[test]
fn flac() {
    check(
        include_bytes!("files/speech.flac"),
        Format::Flac,
        "flac",
        1,
        8_000,
    );
}

#[test]
fn mp3() {
    check(include_bytes!("files/speech.mp3"), Format::Mp3, "mp3", 2, 22_050);
}

#[test]
fn mp3_behind_a_tag() {
    let tag = [b"ID3\x04\x00\x00\x00\x00\x01\x00".as_slice(), &[0; 128]].concat();
    let file = [&tag, include_bytes!("files/speech.mp3").as_slice()].concat();
    check(&file, Format::Mp3, "mp3", 2, 22_050);
}

#[test]
fn aac_in_mp4() {
    check(include_bytes!("files/speech.m4a"), Format::Mp4, "aac", 2, 44_100);
}

#[test]
fn vorbis_in_ogg() {
    check(
        include_bytes!("files/speech-vorbis.ogg"),
        Format::Ogg,
        "vorbis",
        1,
        48_000,
    );
}

#[test]
fn opus_in_ogg() {
    check(
        include_bytes!("files/speech.opus"),
        Format::Ogg,
        "opus",
        1,
        48_000,
    );
}

#[test]
fn opus_in_webm() {
    check(
        include_bytes!("files/speech.webm"),
        Format::WebM,
        "opus",
        1,
        48_000,
    );
}

#[test]
fn the_same_recording_gives_the_same_bytes() {
    let file = include_bytes!("files/speech.opus");
    assert_eq!(voice(file), voice(file));
}
