//! Sums of what is known, and how often it is known.

use super::histogram::Histogram;

/// A sum of whole numbers, and how many there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many values are known.
    pub count: i64,
    /// Their sum.
    pub sum: i64,
}

impl Sum {
    /// Adds a value, when it is known.
    pub fn record(&mut self, value: Option<i64>) {
        if let Some(value) = value {
            self.count += 1;
            self.sum += value;
        }
    }

    /// Adds another sum, `sign` times.
    pub(crate) fn merge(&mut self, other: &Self, sign: i64) {
        self.count += sign * other.count;
        self.sum += sign * other.sum;
    }

    /// The sum; none when no value is known.
    pub fn known(&self) -> Option<i64> {
        (self.count > 0).then_some(self.sum)
    }

    /// The mean; none when no value is known.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }
}

/// How a duration is distributed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distribution {
    /// In whole microseconds, so that the order of adding does not matter.
    pub micros: Sum,
    /// In milliseconds.
    pub histogram: Histogram,
}

impl Distribution {
    /// Counts a duration in milliseconds, when it is known.
    pub fn record(&mut self, millis: Option<f64>) {
        if let Some(millis) = millis {
            self.micros.record(Some((millis * 1000.0).round() as i64));
            self.histogram.record(millis);
        }
    }

    /// Adds another distribution, `sign` times.
    pub(crate) fn merge(&mut self, other: &Self, sign: i64) {
        self.micros.merge(&other.micros, sign);
        self.histogram.merge(&other.histogram, sign);
    }
}
