//! When shoppers come: by hour of the day (UTC), by weekday, and better or worse from day to day.

use super::random::Random;
use crate::analytics::QUARTER;

/// How busy the shop is at the start of each hour.
const HOURS: [u64; 24] = [
    6, 4, 3, 2, 2, 3, 7, 16, 30, 46, 58, 66, 74, 66, 58, 60, 66, 76, 88, 96, 90, 66, 36, 14,
];
/// Monday to Sunday, in per cent.
const WEEKDAYS: [u64; 7] = [88, 90, 94, 100, 116, 138, 104];
/// 1970-01-01 was a Thursday.
const FIRST_WEEKDAY: i64 = 3;
const DAY: i64 = 96 * QUARTER;

/// The way from a share of all turns to a point in time; goes only forward.
#[derive(Debug, Clone)]
pub(super) struct Traffic {
    seed: u64,
    /// Start of the quarter that was reached, in microseconds since 1970.
    quarter: i64,
    /// Its weight.
    weight: u64,
    /// The weights of all quarters before it.
    before: u64,
    /// The weights of all quarters.
    total: u64,
}

impl Traffic {
    /// The traffic of `days` days from `start`.
    pub(super) fn new(seed: u64, start: i64, days: i64) -> Self {
        let total = (0..days * 96)
            .map(|index| weight(seed, start + index * QUARTER))
            .sum();
        Self {
            seed,
            quarter: start,
            weight: weight(seed, start),
            before: 0,
            total,
        }
    }

    /// When `part` of `whole` turns have begun. `part` is less than `whole`, and not less than in the call before.
    pub(super) fn at(&mut self, part: u64, whole: u64) -> i64 {
        let reached = u128::from(self.total) * u128::from(part);
        let whole = u128::from(whole);
        while reached >= u128::from(self.before + self.weight) * whole {
            self.before += self.weight;
            self.quarter += QUARTER;
            self.weight = weight(self.seed, self.quarter);
        }
        let into = (reached - u128::from(self.before) * whole) * QUARTER as u128;
        self.quarter + (into / (u128::from(self.weight) * whole)) as i64
    }
}

/// How busy the quarter of an hour that begins at `at` is. Between full hours it changes evenly.
fn weight(seed: u64, at: i64) -> u64 {
    let day = at.div_euclid(DAY);
    let minute_of_day = (at.rem_euclid(DAY) / 60_000_000) as u64;
    let (hour, minute) = ((minute_of_day / 60) as usize, minute_of_day % 60);
    let busy = HOURS[hour] * (60 - minute) + HOURS[(hour + 1) % 24] * minute;
    let weekday = (day + FIRST_WEEKDAY).rem_euclid(7) as usize;
    let luck = Random::stream(seed, day as u64).between(85, 115);
    busy * WEEKDAYS[weekday] * luck
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_forward_and_stays_inside() {
        let start = 1_793_000_000_123_456;
        let mut traffic = Traffic::new(3, start, 10);
        let mut last = start;
        for part in 0..5000 {
            let at = traffic.at(part, 5000);
            assert!(at >= last && at < start + 10 * DAY);
            last = at;
        }
        assert!(
            last > start + 10 * DAY - 3 * 3_600_000_000,
            "the last turn is near the end"
        );
    }
}
