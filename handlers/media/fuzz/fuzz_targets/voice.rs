//! Any bytes through the whole way of a recording. `cargo +nightly fuzz run voice corpus/voice ../tests/voice/files`, or
//! `RUSTC_BOOTSTRAP=1` where there is no nightly.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use media::voice::{Settings, process};

// A decoder's panic is caught and refuses the upload: a finding is what comes through to here.
fuzz_target!(init: std::panic::set_hook(Box::new(|_| {})), |bytes: &[u8]| {
    // Short, so that there are many of them.
    let settings = Settings { max_duration: Duration::from_secs(1), max_samples: 100_000, ..Settings::default() };
    if let Ok(voice) = process(bytes, &settings) {
        assert!(voice.duration_ms <= 1000 && voice.peaks.len() == media::voice::POINTS);
        assert!((0.0..=1.0).contains(&voice.silence_share));
        assert!(voice.speech.iter().all(|segment| segment.from_ms < segment.to_ms && segment.to_ms <= voice.duration_ms));
    }
});
