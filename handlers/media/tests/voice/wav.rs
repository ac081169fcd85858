//! RIFF WAVE files of any content, honest or not.

use std::f64::consts::TAU;

pub(crate) const PCM: u16 = 1;
pub(crate) const FLOAT: u16 = 3;

/// A file whose header claims what it is told to claim.
pub(crate) fn file(tag: u16, channels: u16, rate: u32, bits: u16, claimed: u32, data: &[u8]) -> Vec<u8> {
    let align = (u32::from(channels) * u32::from(bits) / 8) as u16;
    let mut file = b"RIFF".to_vec();
    file.extend(claimed.saturating_add(36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend(tag.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend(rate.wrapping_mul(align.into()).to_le_bytes());
    file.extend(align.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend(claimed.to_le_bytes());
    file.extend(data);
    file
}

pub(crate) fn pcm(channels: u16, rate: u32, samples: &[i16]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    file(PCM, channels, rate, 16, data.len() as u32, &data)
}

pub(crate) fn float(channels: u16, rate: u32, samples: &[f32]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    file(FLOAT, channels, rate, 32, data.len() as u32, &data)
}

/// A sine of 1 kHz in all channels, in stretches of (seconds, peak in dB of full scale).
pub(crate) fn sine(channels: u16, rate: u32, stretches: &[(f64, f64)]) -> Vec<u8> {
    let mut samples = Vec::new();
    for (seconds, peak) in stretches {
        for at in 0..(seconds * f64::from(rate)) as usize {
            let sample = (TAU * 1000.0 * at as f64 / f64::from(rate)).sin() * 10_f64.powf(peak / 20.0);
            samples.extend((0..channels).map(|_| (sample * 32_767.0).round() as i16));
        }
    }
    pcm(channels, rate, &samples)
}
