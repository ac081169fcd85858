//! From one sample rate to another, in blocks of any length.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _};

use crate::{Reason, Refusal};

/// Frames per step. The filter is at most this long, and longer only where the two rates share no factor.
const CHUNK: usize = 1024;

/// Resamples one channel. What comes out is as long as what went in, and not late: the delay of the filter is
/// taken off.
pub(super) struct Resampler {
    from: u64,
    to: u64,
    /// None where both rates are the same.
    filter: Option<Fft<f32>>,
    waiting: Vec<f32>,
    resampled: Vec<f32>,
    late: usize,
    taken: u64,
    given: u64,
}

impl Resampler {
    pub(super) fn new(from: u32, to: u32) -> Result<Self, Refusal> {
        let filter = if from == to {
            None
        } else {
            Some(Fft::new(from as usize, to as usize, CHUNK, 1, FixedSync::Input).map_err(|_| failed())?)
        };
        Ok(Self {
            from: from.into(),
            to: to.into(),
            late: filter.as_ref().map_or(0, |filter| filter.output_delay()),
            resampled: vec![0.0; filter.as_ref().map_or(0, |filter| filter.output_frames_max())],
            filter,
            waiting: Vec::new(),
            taken: 0,
            given: 0,
        })
    }

    /// Takes samples, and hands on what they become.
    pub(super) fn add(
        &mut self,
        samples: &[f32],
        mut sink: impl FnMut(&[f32]) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        self.taken += samples.len() as u64;
        if self.filter.is_none() {
            return sink(samples);
        }
        self.waiting.extend_from_slice(samples);
        while self.waiting.len() >= CHUNK {
            self.step(CHUNK, &mut sink)?;
        }
        Ok(())
    }

    /// Hands on what is still in the filter.
    pub(super) fn finish(
        mut self,
        mut sink: impl FnMut(&[f32]) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        while self.filter.is_some() && self.given < self.due() {
            self.step(self.waiting.len(), &mut sink)?;
        }
        Ok(())
    }

    /// How many samples what was taken makes.
    fn due(&self) -> u64 {
        (self.taken * self.to).div_ceil(self.from)
    }

    fn step(
        &mut self,
        frames: usize,
        sink: &mut impl FnMut(&[f32]) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let due = self.due();
        let Some(filter) = &mut self.filter else {
            return Ok(());
        };
        let input = InterleavedSlice::new(&self.waiting, 1, self.waiting.len()).map_err(|_| failed())?;
        let length = self.resampled.len();
        let mut output = InterleavedSlice::new_mut(&mut self.resampled, 1, length).map_err(|_| failed())?;
        let part = Indexing::new().partial_len(frames);
        let (_, made) = filter
            .process_into_buffer(&input, &mut output, Some(&part))
            .map_err(|_| failed())?;
        self.waiting.drain(..frames);

        let late = self.late.min(made);
        self.late -= late;
        let wanted = (made - late).min((due - self.given) as usize);
        self.given += wanted as u64;
        sink(&self.resampled[late..late + wanted])
    }
}

fn failed() -> Refusal {
    Refusal {
        reason: Reason::Broken,
        detail: "it cannot be resampled".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use proptest::prelude::*;

    use super::*;

    fn resampled(from: u32, to: u32, samples: &[f32], block: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(from, to).unwrap();
        let mut out = Vec::new();
        for block in samples.chunks(block) {
            resampler
                .add(block, |samples| {
                    out.extend_from_slice(samples);
                    Ok(())
                })
                .unwrap();
        }
        resampler
            .finish(|samples| {
                out.extend_from_slice(samples);
                Ok(())
            })
            .unwrap();
        out
    }

    fn sine(rate: u32, samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|at| (TAU * 440.0 * at as f32 / rate as f32).sin() * 0.5)
            .collect()
    }

    #[test]
    fn a_sine_stays_the_same_sine_and_is_not_late() {
        // Rates without a common factor make a filter of odd length, whose delay is known to half a sample.
        for (from, to, off) in [
            (44_100, 48_000, 0.002),
            (48_000, 16_000, 0.002),
            (8_000, 16_000, 0.002),
            (11_025, 12_000, 0.002),
            (191_999, 48_000, 0.015),
        ] {
            let out = resampled(from, to, &sine(from, from as usize), 777);
            let ideal = sine(to, to as usize);
            assert_eq!(out.len(), ideal.len(), "{from} to {to}");
            let middle = to as usize / 4..to as usize * 3 / 4;
            let worst = middle.map(|at| (out[at] - ideal[at]).abs()).fold(0.0, f32::max);
            assert!(worst < off, "{from} to {to}: {worst}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn how_it_is_cut_into_blocks_does_not_matter(samples in 1_usize..6000, block in 1_usize..3000, from in 4_000_u32..60_000) {
            let signal = sine(from, samples);
            let whole = resampled(from, 16_000, &signal, samples);
            prop_assert_eq!(whole.len() as u64, (samples as u64 * 16_000).div_ceil(from.into()));
            prop_assert_eq!(resampled(from, 16_000, &signal, block), whole);
        }
    }
}
