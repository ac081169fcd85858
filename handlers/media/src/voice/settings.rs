//! What is taken, and how the copy is made.

use std::time::Duration;

/// What is taken, and how the copy is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The longest recording that is taken, counted in what is decoded.
    pub max_duration: Duration,
    /// The most samples of all channels that are decoded, so that a small file cannot keep a core busy.
    pub max_samples: u64,
    /// What counts as silence: a root mean square below this, in dB relative to full scale.
    pub silence_dbfs: f64,
    /// The loudness that the copy is raised or lowered to, in LUFS, before its peaks are held. A sentence
    /// with peaks 18 dB above its loudness loses 2 LU to that.
    pub loudness_lufs: f64,
    /// The most that a quiet recording is raised, in dB, so that a recording of nothing does not become loud
    /// noise.
    pub max_gain_db: f64,
    /// What the peaks of the copy stay below, in dB true peak. They are held 2 dB lower before they are
    /// encoded, for a decoder swings over.
    pub true_peak_dbtp: f64,
    /// Bits per second of the copy.
    pub bitrate: u32,
}

impl Default for Settings {
    fn default() -> Self {
        let max_duration = Duration::from_secs(60 * 60);
        Self {
            max_duration,
            max_samples: max_duration.as_secs() * 48_000 * 2,
            silence_dbfs: -50.0,
            loudness_lufs: -16.0,
            max_gain_db: 30.0,
            true_peak_dbtp: -1.0,
            bitrate: 32_000,
        }
    }
}
