//! Holds the true peaks of a signal below a ceiling.
//!
//! A limiter that looks ahead: the gain that each sample needs is held over a window, and the mean of what is
//! held over the same window is applied one window later. Every value in that mean is at most what the sample
//! in its middle needs, so the ceiling holds, and the gain has no steps.

use std::collections::VecDeque;
use std::f32::consts::PI;

/// Samples on each side of where a value between two samples is worked out. With 12 taps and 4 phases this is
/// the meter of ITU-R BS.1770-5, annex 2.
const SIDE: usize = 6;
const TAPS: usize = 2 * SIDE;
const PHASES: usize = 4;

/// Seconds that the gain is known beforehand, and in which it comes back.
const AHEAD: f32 = 0.005;
const RELEASE: f32 = 0.1;

/// A share of the ceiling. The weights of a filter add up to less than 2.2, each taken as positive, and 2.2
/// times this is below 1.
const LOW: f32 = 0.45;

/// What holds the peaks.
pub(super) struct Limiter {
    ceiling: f32,
    window: usize,
    release: f32,
    filters: [[f32; TAPS]; PHASES - 1],
    /// What came in and did not go out yet, the newest last.
    samples: VecDeque<f32>,
    /// The least gains of the window with their times, rising: the first is the least of all.
    least: VecDeque<(u64, f32)>,
    envelope: f32,
    held: VecDeque<f32>,
    held_sum: f64,
    at: u64,
    late: usize,
    /// How many of the newest samples in a row are too low for anything between them to reach the ceiling.
    low: usize,
}

impl Limiter {
    pub(super) fn new(rate: u32, ceiling_dbtp: f64) -> Self {
        let window = ((rate as f32 * AHEAD) as usize).max(1);
        Self {
            ceiling: 10_f64.powf(ceiling_dbtp / 20.0) as f32,
            window,
            release: 1.0 - (-1.0 / (rate as f32 * RELEASE)).exp(),
            filters: std::array::from_fn(|phase| filter((phase + 1) as f32 / PHASES as f32)),
            samples: VecDeque::from(vec![0.0; TAPS + window]),
            least: VecDeque::new(),
            envelope: 1.0,
            held: VecDeque::from(vec![1.0; window]),
            held_sum: window as f64,
            at: 0,
            late: SIDE + window - 1,
            low: 0,
        }
    }

    /// Takes samples and appends what they become, late by some milliseconds.
    pub(super) fn add(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        for sample in samples {
            let limited = self.step(*sample);
            if self.late == 0 {
                out.push(limited);
            } else {
                self.late -= 1;
            }
        }
    }

    /// Appends what is still on its way.
    pub(super) fn finish(&mut self, out: &mut Vec<f32>) {
        self.add(&vec![0.0; SIDE + self.window - 1], out);
    }

    fn step(&mut self, sample: f32) -> f32 {
        self.samples.pop_front();
        self.samples.push_back(sample);
        self.low = if sample.abs() < self.ceiling * LOW {
            self.low + 1
        } else {
            0
        };
        let needed = if self.low < TAPS {
            (self.ceiling / self.height()).min(1.0)
        } else {
            1.0
        };

        // The least gain of the window.
        while self.least.back().is_some_and(|(_, gain)| *gain >= needed) {
            self.least.pop_back();
        }
        self.least.push_back((self.at, needed));
        while self
            .least
            .front()
            .is_some_and(|(at, _)| at + self.window as u64 <= self.at)
        {
            self.least.pop_front();
        }
        self.at += 1;
        let least = self.least.front().map_or(1.0, |(_, gain)| *gain);
        self.envelope = least.min(self.envelope + (least - self.envelope) * self.release);

        // The mean of the window.
        let oldest = self.held.pop_front().unwrap_or(1.0);
        self.held.push_back(self.envelope);
        self.held_sum += f64::from(self.envelope) - f64::from(oldest);
        let gain = (self.held_sum / self.window as f64) as f32;

        // The oldest `SIDE` of the window of samples are there for the filter alone.
        self.samples[SIDE] * gain
    }

    /// The highest of the sample in the middle of the newest, and of three values between it and the next.
    fn height(&self) -> f32 {
        let newest = self.samples.len() - TAPS;
        let taps: [f32; TAPS] = std::array::from_fn(|tap| self.samples[newest + tap]);
        let between = self.filters.iter().map(|filter| {
            filter
                .iter()
                .zip(taps)
                .map(|(weight, tap)| weight * tap)
                .sum::<f32>()
                .abs()
        });
        between.fold(taps[SIDE - 1].abs(), f32::max)
    }
}

/// Weights of the samples around a place `part` of the way from the middle sample to the next: a sinc under a
/// Hann window.
fn filter(part: f32) -> [f32; TAPS] {
    std::array::from_fn(|tap| {
        let away = tap as f32 - (SIDE - 1) as f32 - part;
        let window = (PI * away / (2.0 * (SIDE as f32 + 0.5))).cos().powi(2);
        (PI * away).sin() / (PI * away) * window
    })
}

#[cfg(test)]
mod tests {
    use ebur128::{EbuR128, Mode};
    use proptest::prelude::*;

    use super::*;

    fn limited(signal: &[f32], ceiling_dbtp: f64) -> Vec<f32> {
        let mut limiter = Limiter::new(48_000, ceiling_dbtp);
        let mut out = Vec::new();
        limiter.add(signal, &mut out);
        limiter.finish(&mut out);
        out
    }

    #[test]
    fn what_is_below_the_ceiling_comes_out_as_it_went_in() {
        let signal: Vec<f32> = (0..5000).map(|at| (at as f32 * 0.05).sin() * 0.8).collect();
        assert_eq!(limited(&signal, -1.0), signal);
    }

    #[test]
    fn nothing_between_samples_can_reach_the_ceiling_when_all_are_low() {
        for phase in 1..PHASES {
            let sum: f32 = filter(phase as f32 / PHASES as f32)
                .iter()
                .map(|weight| weight.abs())
                .sum();
            assert!(sum * LOW < 1.0, "{sum}");
        }
    }

    /// A sine at a quarter of the rate, sampled off its peaks: no sample above -3 dB, yet the wave reaches
    /// full scale.
    #[test]
    fn a_peak_between_samples_is_held_too() {
        let signal: Vec<f32> = (0..9600)
            .map(|at| (PI / 2.0 * at as f32 + PI / 4.0).sin())
            .collect();
        assert!(true_peak_db(&signal) > -0.2);
        assert!(true_peak_db(&limited(&signal, -1.0)) < -0.9);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_ceiling_holds(signal in prop::collection::vec(-8.0_f32..8.0, 1..3000)) {
            let out = limited(&signal, -1.0);
            prop_assert_eq!(out.len(), signal.len());
            let highest = out.iter().fold(0.0_f32, |highest, sample| highest.max(sample.abs()));
            prop_assert!(highest <= 10_f32.powf(-1.0 / 20.0) * 1.000_01, "{}", highest);
        }
    }

    fn true_peak_db(signal: &[f32]) -> f64 {
        let mut meter = EbuR128::new(1, 48_000, Mode::TRUE_PEAK).unwrap();
        meter.add_frames_f32(signal).unwrap();
        20.0 * meter.true_peak(0).unwrap().log10()
    }
}
