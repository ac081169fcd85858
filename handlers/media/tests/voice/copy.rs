//! The copy that is played.

use media::voice::{Settings, process};

use crate::{output, voice, wav};

/// What a copy is like, by the same means as the recording itself.
fn copy(file: &[u8]) -> media::voice::Voice {
    voice(output(&voice(file), "playable.ogg"))
}

#[test]
fn a_quiet_and_a_loud_recording_come_out_alike() {
    for peak in [-40.0, -20.0, -3.0] {
        let lufs = copy(&wav::sine(1, 48_000, &[(3.0, peak)])).loudness_lufs.unwrap();
        assert!((lufs + 16.0).abs() < 0.6, "{peak}: {lufs}");
    }
}

#[test]
fn a_recording_of_nothing_does_not_become_loud_noise() {
    let lufs = copy(&wav::sine(1, 48_000, &[(3.0, -60.0)]))
        .loudness_lufs
        .unwrap();
    assert!((-34.0..-32.0).contains(&lufs), "{lufs}");
}

#[test]
fn silence_stays_silence() {
    assert_eq!(copy(&wav::pcm(2, 44_100, &[0; 88_200])).silence_share, 1.0);
}

/// A tone with one loud bang: the bang is held down, the tone is as loud as ever.
#[test]
fn peaks_are_held() {
    let bang = copy(&wav::sine(1, 48_000, &[(2.0, -20.0), (0.001, 0.0), (2.0, -20.0)]));
    assert!(bang.peak_dbfs.unwrap() < -1.0, "{:?}", bang.peak_dbfs);
    assert!(
        (bang.loudness_lufs.unwrap() + 16.0).abs() < 1.5,
        "{:?}",
        bang.loudness_lufs
    );
}

#[test]
fn every_rate_keeps_its_length() {
    for rate in [
        4_000, 8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 191_999,
    ] {
        let file = wav::sine(1, rate, &[(0.5, -20.0)]);
        let (given, made) = (voice(&file).duration_ms, copy(&file).duration_ms);
        assert!(given.abs_diff(made) <= 1, "{rate}: {made} of {given}");
    }
}

#[test]
fn the_header_is_what_rfc_7845_asks_for() {
    let file = voice(&wav::sine(1, 44_100, &[(0.5, -20.0)]));
    let bytes = output(&file, "playable.ogg");
    let head = &bytes[28..47];
    assert_eq!(&head[..10], b"OpusHead\x01\x01");
    assert_eq!(u16::from_le_bytes([head[10], head[11]]), 312, "6.5 ms at 48 kHz");
    assert_eq!(
        &head[12..],
        [44_100_u32.to_le_bytes().as_slice(), &[0, 0, 0]].concat()
    );
    // The tags name the encoder and nothing of the file.
    assert_eq!(&bytes[47 + 28..47 + 36], b"OpusTags");
}

#[test]
fn the_bitrate_is_a_setting() {
    let file = include_bytes!("files/speech.wav");
    let size = |bitrate| {
        let voice = process(
            file,
            &Settings {
                bitrate,
                ..Settings::default()
            },
        )
        .unwrap();
        output(&voice, "playable.ogg").len()
    };
    assert!(
        size(12_000) * 3 < size(48_000) * 2,
        "{} and {}",
        size(12_000),
        size(48_000)
    );
}
