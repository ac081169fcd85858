//! Where somebody speaks.

use earshot::Detector;

use super::resample::Resampler;
use crate::Refusal;

/// What the detector listens to: frames of 16 ms at 16 kHz.
const RATE: u32 = 16_000;
const FRAME: usize = 256;
const FRAME_MS: u64 = 16;

/// Speech begins at this score, and ends below the second: a score about one of them does not cut a word to
/// pieces.
const BEGIN: f32 = 0.5;
const END: f32 = 0.35;
/// The energy of a frame at -70 dBFS. Nobody speaks below, whatever the detector still has in its memory.
const QUIET: i64 = 107 * FRAME as i64;
/// A pause that is shorter is a breath, not an end.
const PAUSE_MS: u64 = 300;
/// What is shorter is a click or a knock.
const SHORTEST_MS: u64 = 96;

/// A stretch of the recording in which somebody speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Where it begins, in milliseconds from the beginning.
    pub from_ms: u64,
    /// Where it ends.
    pub to_ms: u64,
}

/// What was heard so far.
pub(super) struct Speech {
    resampler: Resampler,
    frames: Frames,
}

struct Frames {
    detector: Box<Detector>,
    frame: Vec<i16>,
    at: u64,
    speaking: bool,
    segments: Vec<Segment>,
}

impl Speech {
    pub(super) fn new(rate: u32) -> Result<Self, Refusal> {
        let frames = Frames {
            detector: Detector::default_boxed(),
            frame: Vec::with_capacity(FRAME),
            at: 0,
            speaking: false,
            segments: Vec::new(),
        };
        Ok(Self {
            resampler: Resampler::new(rate, RATE)?,
            frames,
        })
    }

    /// Takes samples of one channel.
    pub(super) fn add(&mut self, samples: &[f32]) -> Result<(), Refusal> {
        self.resampler.add(samples, |samples| {
            self.frames.add(samples);
            Ok(())
        })
    }

    pub(super) fn finish(mut self, duration_ms: u64) -> Result<Vec<Segment>, Refusal> {
        self.resampler.finish(|samples| {
            self.frames.add(samples);
            Ok(())
        })?;
        Ok(self.frames.finish(duration_ms))
    }
}

impl Frames {
    fn add(&mut self, mut samples: &[f32]) {
        while !samples.is_empty() {
            let (now, later) = samples.split_at(samples.len().min(FRAME - self.frame.len()));
            // Rounding leaves a little noise where the recording has nothing at all, such as above the band
            // of a telephone; a detector that takes logarithms has never heard such a nothing.
            self.frame
                .extend(now.iter().map(|sample| (sample * 32_767.0).round() as i16));
            samples = later;
            if self.frame.len() == FRAME {
                self.listen();
                self.frame.clear();
            }
        }
    }

    fn listen(&mut self) {
        let score = self.detector.predict_i16(&self.frame);
        let energy: i64 = self.frame.iter().map(|sample| i64::from(*sample).pow(2)).sum();
        let from_ms = self.at * FRAME_MS;
        self.at += 1;
        self.speaking = energy > QUIET && score >= if self.speaking { END } else { BEGIN };
        if !self.speaking {
            return;
        }
        let to_ms = from_ms + FRAME_MS;
        match self.segments.last_mut() {
            Some(last) if from_ms <= last.to_ms => last.to_ms = to_ms,
            _ => self.segments.push(Segment { from_ms, to_ms }),
        }
    }

    fn finish(mut self, duration_ms: u64) -> Vec<Segment> {
        if !self.frame.is_empty() {
            let missing = FRAME - self.frame.len();
            self.add(&[0.0; FRAME][..missing]);
        }
        joined(&self.segments, duration_ms)
    }
}

/// Breaths closed and clicks left out, within the recording.
fn joined(segments: &[Segment], duration_ms: u64) -> Vec<Segment> {
    let mut joined: Vec<Segment> = Vec::new();
    for segment in segments {
        match joined.last_mut() {
            Some(last) if segment.from_ms - last.to_ms < PAUSE_MS => last.to_ms = segment.to_ms,
            _ => joined.push(*segment),
        }
    }
    joined.retain(|segment| segment.to_ms - segment.from_ms >= SHORTEST_MS);
    for segment in &mut joined {
        segment.to_ms = segment.to_ms.min(duration_ms);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(pairs: &[(u64, u64)]) -> Vec<Segment> {
        pairs
            .iter()
            .map(|(from_ms, to_ms)| Segment {
                from_ms: *from_ms,
                to_ms: *to_ms,
            })
            .collect()
    }

    #[test]
    fn breaths_are_closed_clicks_are_left_out_and_the_end_is_the_end() {
        let heard = segments(&[(0, 16), (800, 1200), (1484, 2000), (2300, 2316), (5000, 5600)]);
        assert_eq!(joined(&heard, 5500), segments(&[(800, 2000), (5000, 5500)]));
        assert_eq!(joined(&[], 0), []);
    }
}
