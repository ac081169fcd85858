//! What is not what it says, is broken, or too big.

use std::time::Duration;

use media::Reason;
use media::voice::{Settings, process};
use proptest::prelude::*;

use crate::wav;

const FILES: [&[u8]; 9] = [
    include_bytes!("files/speech.wav"),
    include_bytes!("files/speech.flac"),
    include_bytes!("files/speech.mp3"),
    include_bytes!("files/speech.m4a"),
    include_bytes!("files/speech-vorbis.ogg"),
    include_bytes!("files/speech.opus"),
    include_bytes!("files/speech.webm"),
    include_bytes!("files/video.mp4"),
    include_bytes!("files/video.webm"),
];

fn reason(bytes: &[u8]) -> Reason {
    process(bytes, &Settings::default()).unwrap_err().reason
}

#[test]
fn what_is_no_recording() {
    assert_eq!(reason(b""), Reason::Empty);
    assert_eq!(reason(&[0xff; 4]), Reason::UnknownFormat);
    assert_eq!(
        reason(b"<!DOCTYPE html><script>alert(1)</script>"),
        Reason::Mismatch
    );
    assert_eq!(reason(b"a note, named .mp3"), Reason::Mismatch);
}

#[test]
fn a_film_is_no_recording_of_a_voice() {
    assert_eq!(reason(FILES[7]), Reason::Mismatch);
    assert_eq!(reason(FILES[8]), Reason::Mismatch);
}

#[test]
fn zeros_without_end() {
    let zeros = vec![0; 200 << 20];
    assert_eq!(reason(&zeros), Reason::UnknownFormat);
}

/// 14 hours of silence in 200 MB: an hour is decoded.
#[test]
fn zeros_behind_a_header() {
    let zeros = vec![0x80; 200 << 20];
    assert_eq!(
        reason(&wav::file(wav::PCM, 1, 4_000, 8, zeros.len() as u32, &zeros)),
        Reason::TooLong
    );
}

#[test]
fn a_header_that_claims_hours() {
    assert_eq!(
        reason(&wav::file(wav::PCM, 1, 8_000, 16, 1 << 30, &[1; 8_000])),
        Reason::Broken
    );
}

#[test]
fn a_length_that_the_writer_did_not_know_is_no_claim() {
    let file = wav::file(wav::PCM, 1, 8_000, 16, u32::MAX, &[1; 8_000]);
    assert_eq!(process(&file, &Settings::default()).unwrap().duration_ms, 500);
}

#[test]
fn headers_that_cannot_be() {
    let refused = |channels, rate, bits| {
        let reason = reason(&wav::file(wav::PCM, channels, rate, bits, 8_000, &[1; 8_000]));
        assert!(
            matches!(reason, Reason::Broken | Reason::UnsupportedFormat),
            "{channels} {rate} {bits}: {reason}"
        );
    };
    refused(0, 8_000, 16);
    refused(9, 8_000, 16);
    refused(u16::MAX, 8_000, 16);
    refused(1, 0, 16);
    refused(1, 1, 16);
    refused(1, 192_001, 16);
    refused(1, u32::MAX, 16);
    refused(1, 8_000, 0);
    refused(1, 8_000, 7);
    refused(1, 8_000, u16::MAX);
}

#[test]
fn samples_that_are_no_numbers() {
    for sample in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
        assert_eq!(
            reason(&wav::float(1, 8_000, &[0.0, sample, 0.0])),
            Reason::Broken,
            "{sample}"
        );
    }
}

#[test]
fn longer_than_is_taken() {
    let two_seconds = wav::sine(2, 16_000, &[(2.0, -20.0)]);
    let reason = |settings: Settings| {
        process(&two_seconds, &settings)
            .map(|voice| voice.duration_ms)
            .map_err(|refusal| refusal.reason)
    };
    let taken = |millis| Settings {
        max_duration: Duration::from_millis(millis),
        ..Settings::default()
    };
    assert_eq!(reason(taken(2000)), Ok(2000));
    assert_eq!(reason(taken(1999)), Err(Reason::TooLong));
    assert_eq!(
        reason(Settings {
            max_samples: 64_000,
            ..Settings::default()
        }),
        Ok(2000)
    );
    assert_eq!(
        reason(Settings {
            max_samples: 63_999,
            ..Settings::default()
        }),
        Err(Reason::TooLong)
    );
}

/// The containers that say how long they are cannot be cut without a word; of the others there is less to hear.
#[test]
fn files_that_end_early() {
    for file in FILES {
        for sixteenth in 0..16 {
            let cut = &file[..file.len() * sixteenth / 16];
            if let Ok(voice) = process(cut, &Settings::default()) {
                assert!(
                    voice.duration_ms < 3647,
                    "{:?} {sixteenth}: {}",
                    voice.format,
                    voice.duration_ms
                );
            }
        }
    }
    for says in [0, 1, 3] {
        assert_eq!(
            reason(&FILES[says][..FILES[says].len() / 2]),
            Reason::Broken,
            "{says}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn a_bit_that_fell_over_is_no_panic(
        file in prop::sample::select(FILES.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        within in prop::sample::select(vec![64_usize, 1024, usize::MAX]),
    ) {
        let mut bytes = file.to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len().min(within));
            bytes[at] = byte;
        }
        let _ = process(&bytes, &Settings::default());
    }
}
