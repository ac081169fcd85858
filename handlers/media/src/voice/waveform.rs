//! The drawing of a recording.

use std::fmt::Write as _;

use serde::Serialize;

/// How many points a waveform has, however long the recording is.
pub const POINTS: usize = 800;

/// Bars of the drawing, each of some points: fewer than there are pixels, or they would be a grey block.
const BARS: usize = 200;
const WIDTH: usize = 800;
const HEIGHT: f64 = 120.0;

/// The lowest and the highest sample of every point, so far. Point `i` of `n` frames is frames `i * n / 800`
/// to before `(i + 1) * n / 800`; where there are fewer frames than points, a point without one takes the
/// frame that it lies in.
pub(super) struct Waveform {
    channels: usize,
    frames: u64,
    at: u64,
    point: usize,
    points: Vec<[f32; 2]>,
}

impl Waveform {
    pub(super) fn new(channels: usize, frames: u64) -> Self {
        Self {
            channels,
            frames,
            at: 0,
            point: 0,
            points: vec![[f32::INFINITY, f32::NEG_INFINITY]; POINTS],
        }
    }

    pub(super) fn add(&mut self, block: &[f32]) {
        for frame in block.chunks_exact(self.channels) {
            while self.point + 1 < POINTS && self.at >= self.begin(self.point + 1) {
                self.point += 1;
            }
            let [low, high] = &mut self.points[self.point];
            for sample in frame {
                *low = low.min(*sample);
                *high = high.max(*sample);
            }
            self.at += 1;
        }
    }

    pub(super) fn finish(self) -> Vec<[i16; 2]> {
        let mut last = [0, 0];
        let scaled = |sample: f32| (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16;
        let points = self.points.iter().rev().map(|[low, high]| {
            if low <= high {
                last = [scaled(*low), scaled(*high)];
            }
            last
        });
        let mut points: Vec<_> = points.collect();
        points.reverse();
        points
    }

    /// The first frame of a point.
    fn begin(&self, point: usize) -> u64 {
        point as u64 * self.frames / POINTS as u64
    }
}

/// The waveform as a player wants it. `data` is the lowest and the highest sample of every point, one after
/// the other.
#[derive(Serialize)]
struct Json {
    version: u8,
    duration_ms: u64,
    bits: u8,
    length: usize,
    data: Vec<i16>,
}

pub(super) fn json(peaks: &[[i16; 2]], duration_ms: u64) -> String {
    let data = peaks.iter().flatten().copied().collect();
    let json = Json {
        version: 1,
        duration_ms,
        bits: 16,
        length: peaks.len(),
        data,
    };
    serde_json::to_string(&json).unwrap_or_default()
}

/// Bars about a middle line, as high as the recording is there, the highest as high as the drawing. The
/// colour can be seen on white and on black (3.7 and 5.6 to 1), and a page that holds the drawing inline can
/// set another.
pub(super) fn svg(peaks: &[[i16; 2]]) -> String {
    let height = |[low, high]: [i16; 2]| i32::from(low).abs().max(i32::from(high).abs());
    let highest = peaks.iter().map(|peak| height(*peak)).max().unwrap_or(0).max(1);
    let step = WIDTH / BARS;
    let mut path = String::new();
    for (bar, points) in peaks.chunks(POINTS / BARS).enumerate() {
        let share =
            f64::from(points.iter().map(|peak| height(*peak)).max().unwrap_or(0)) / f64::from(highest);
        // A bar of silence is still a dot: the line goes on.
        let length = (share * (HEIGHT - 4.0)).max(1.0);
        let _ = write!(
            path,
            "M{} {:.1}v{length:.1}",
            bar * step + step / 2,
            (HEIGHT - length) / 2.0
        );
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" preserveAspectRatio="none" color="#7a8699"><path d="{path}" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/></svg>"##
    )
}
