//! The files that are sent.

use std::time::Duration;

use jpeg_encoder::{ColorType, Encoder};

use super::super::random::Random;
use crate::Outcome;

/// Speech as MP3 (44.1 kHz, one channel, 64 kbit/s) without tags, so that one after the other is a longer recording.
const SPEECH: &[u8] = include_bytes!("speech.mp3");
/// Bits per second of it.
const BIT_RATE: u64 = 64_000;

/// A photo in JPEG of the quality of cameras: soft shapes in all sizes, edges, and the grain of a sensor.
pub(super) fn photo(width: u16, height: u16) -> Outcome<Vec<u8>> {
    let mut random = Random::new(1);
    let mut pixels = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
    for y in 0..height {
        let fold = (f32::from(y) / 310.0).sin();
        for x in 0..width {
            let across = f32::from(x);
            let soft =
                (across / 470.0 + fold).sin() * 50.0 + (across / 37.0 + f32::from(y) / 53.0).sin() * 18.0;
            let edge = if (x / 250 + y / 180) % 3 == 0 { 38.0 } else { 0.0 };
            let grain = (random.below(17) as f32) - 8.0;
            for shift in [0.0, 14.0, -22.0] {
                pixels.push((118.0 + soft + edge + grain + shift) as u8);
            }
        }
    }
    let mut file = Vec::new();
    Encoder::new(&mut file, 92).encode(&pixels, width, height, ColorType::Rgb)?;
    Ok(file)
}

/// Somebody who speaks for so long.
pub(super) fn recording(length: Duration) -> Vec<u8> {
    let bytes = length.as_secs() * BIT_RATE / 8;
    SPEECH.iter().copied().cycle().take(bytes as usize).collect()
}
