//! Whether two photos look alike.

use std::f64::consts::PI;

use super::{
    encode::on_white,
    picture::{Channels, Picture},
};
use crate::Refusal;

/// Side of the square of brightness that is transformed.
const SIDE: usize = 32;

/// The perceptual hash of a picture: the signs of its lowest frequencies.
///
/// Brightness (Rec. 601) in 32 by 32 pixels goes through the DCT-II; of its coefficients 1 to 8 in either direction, which leaves out the
/// mean, each gives a bit: whether it is above their median. Photos that differ in no more than about 10 of 64 bits look alike. After
/// C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), section 3.2, as in the library pHash.
pub(super) fn perceptual_hash(picture: &Picture) -> Result<u64, Refusal> {
    let rgb = Picture {
        channels: Channels::Rgb,
        pixels: on_white(picture).into_owned(),
        ..*picture
    };
    let small = rgb.resized(SIDE as u32, SIDE as u32)?;
    let luma: Vec<f64> = small
        .pixels
        .as_chunks()
        .0
        .iter()
        .map(|&[red, green, blue]| luma(red, green, blue))
        .collect();
    let frequencies = lowest(&luma);
    let mut sorted = frequencies;
    sorted.sort_unstable_by(f64::total_cmp);
    let median = f64::midpoint(sorted[31], sorted[32]);
    Ok(frequencies
        .iter()
        .fold(0, |hash, frequency| hash << 1 | u64::from(*frequency > median)))
}

fn luma(red: u8, green: u8, blue: u8) -> f64 {
    0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue)
}

/// Coefficients 1 to 8 by 1 to 8 of the DCT-II of a square, row by row, without the constant factors.
fn lowest(square: &[f64]) -> [f64; 64] {
    let basis: Vec<[f64; SIDE]> = (1..=8)
        .map(|frequency| {
            std::array::from_fn(|at| (PI / SIDE as f64 * (at as f64 + 0.5) * frequency as f64).cos())
        })
        .collect();
    let along = |line: &[f64], wave: &[f64; SIDE]| {
        line.iter()
            .zip(wave)
            .map(|(value, wave)| value * wave)
            .sum::<f64>()
    };
    let rows: Vec<Vec<f64>> = basis
        .iter()
        .map(|wave| square.chunks_exact(SIDE).map(|row| along(row, wave)).collect())
        .collect();
    std::array::from_fn(|at| along(&rows[at % 8], &basis[at / 8]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wave of one frequency is in one coefficient, three across and two down: the third of the second row.
    #[test]
    fn a_wave_is_one_coefficient() {
        let wave = |at: usize, frequency: f64| (PI / SIDE as f64 * (at as f64 + 0.5) * frequency).cos();
        let square: Vec<f64> = (0..SIDE * SIDE)
            .map(|at| wave(at % SIDE, 3.0) * wave(at / SIDE, 2.0))
            .collect();
        for (place, found) in lowest(&square).into_iter().enumerate() {
            let wanted = if place == 10 { 256.0 } else { 0.0 };
            assert!((found - wanted).abs() < 1e-9, "{place}: {found}");
        }
    }
}
