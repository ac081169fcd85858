//! Recordings, from the bytes of a file to what is served.
//!
//! The files were made for these tests: a sentence and a thank-you of eSpeak NG, with silence before, between and behind.

#![allow(clippy::unwrap_used)]

mod bad;
mod copy;
mod formats;
mod levels;
mod wav;
mod waveform;

use media::voice::{Settings, Voice, process};

fn voice(bytes: &[u8]) -> Voice {
    process(bytes, &Settings::default()).unwrap()
}

fn output<'a>(voice: &'a Voice, variant: &str) -> &'a [u8] {
    &voice
        .outputs
        .iter()
        .find(|output| output.variant == variant)
        .unwrap()
        .bytes
}
