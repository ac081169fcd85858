//! How loud a recording is, how high, how clipped, how silent.

use ebur128::{EbuR128, Mode};

use super::Settings;
use crate::{Reason, Refusal};

/// Seconds in a window of silence.
const WINDOW: f64 = 0.02;
/// So many samples at full scale in a row are a peak that was cut; one or two are a peak that was made to
/// fit.
const CLIPPED_RUN: u64 = 3;

/// What is measured so far.
pub(super) struct Levels {
    channels: usize,
    full_scale: f32,
    all: EbuR128,
    /// Of the mean of the channels, which is what the copy is made of.
    mix: Option<EbuR128>,
    peak: f32,
    /// The length of the run at full scale in which each channel is.
    runs: Vec<u64>,
    clipped: u64,
    quiet: f64,
    window: usize,
    window_frames: usize,
    window_energy: f64,
    frames: u64,
    silent: u64,
}

/// What was measured.
pub(super) struct Measured {
    pub(super) lufs: Option<f64>,
    pub(super) mix_lufs: Option<f64>,
    pub(super) peak_dbfs: Option<f64>,
    pub(super) clipped: u64,
    pub(super) silence_share: f64,
}

impl Levels {
    pub(super) fn new(
        channels: usize,
        rate: u32,
        full_scale: f32,
        settings: &Settings,
    ) -> Result<Self, Refusal> {
        let meter = |channels| EbuR128::new(channels, rate, Mode::I).map_err(unmeasurable);
        Ok(Self {
            channels,
            full_scale,
            all: meter(channels as u32)?,
            mix: (channels > 1).then(|| meter(1)).transpose()?,
            peak: 0.0,
            runs: vec![0; channels],
            clipped: 0,
            quiet: 10_f64.powf(settings.silence_dbfs / 10.0),
            window: (f64::from(rate) * WINDOW) as usize,
            window_frames: 0,
            window_energy: 0.0,
            frames: 0,
            silent: 0,
        })
    }

    /// Takes a block of interleaved samples and the mean of its channels.
    pub(super) fn add(&mut self, block: &[f32], mix: &[f32]) -> Result<(), Refusal> {
        self.all.add_frames_f32(block).map_err(unmeasurable)?;
        if let Some(meter) = &mut self.mix {
            meter.add_frames_f32(mix).map_err(unmeasurable)?;
        }
        for frame in block.chunks_exact(self.channels) {
            for (sample, run) in frame.iter().zip(&mut self.runs) {
                let height = sample.abs();
                self.peak = self.peak.max(height);
                self.window_energy += f64::from(height) * f64::from(height);
                if height < self.full_scale {
                    *run = 0;
                    continue;
                }
                *run += 1;
                self.clipped += match *run {
                    CLIPPED_RUN => CLIPPED_RUN,
                    run if run > CLIPPED_RUN => 1,
                    _ => 0,
                };
            }
            self.window_frames += 1;
            if self.window_frames == self.window {
                self.close_window();
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Measured, Refusal> {
        self.close_window();
        let lufs = |meter: &EbuR128| meter.loudness_global().map_err(unmeasurable);
        let all = lufs(&self.all)?;
        let mix = self.mix.as_ref().map_or(Ok(all), lufs)?;
        let peak_dbfs = 20.0 * f64::from(self.peak).log10();
        Ok(Measured {
            lufs: Some(all).filter(|lufs| lufs.is_finite()),
            mix_lufs: Some(mix).filter(|lufs| lufs.is_finite()),
            peak_dbfs: Some(peak_dbfs).filter(|peak| peak.is_finite()),
            clipped: self.clipped,
            silence_share: if self.frames == 0 {
                1.0
            } else {
                self.silent as f64 / self.frames as f64
            },
        })
    }

    fn close_window(&mut self) {
        let samples = (self.window_frames * self.channels) as f64;
        if self.window_energy < self.quiet * samples {
            self.silent += self.window_frames as u64;
        }
        self.frames += self.window_frames as u64;
        (self.window_frames, self.window_energy) = (0, 0.0);
    }
}

fn unmeasurable(_: ebur128::Error) -> Refusal {
    Refusal {
        reason: Reason::Broken,
        detail: "its loudness cannot be measured".into(),
    }
}
