//! A log-bucket histogram whose quantiles are at most 1.74 % off.
//!
//! The method is that of DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with
//! relative-error guarantees", VLDB 2019): bucket `i` holds the values in `(γ^(i-1), γ^i]`, and answers with
//! `2γ^i / (γ+1)`, which is off by at most `(γ-1)/(γ+1)`. Here γ = 2^(1/20).

/// Buckets per doubling.
const PER_OCTAVE: f64 = 20.0;
/// What is not above this (one microsecond, in milliseconds) counts as zero.
const SMALLEST: f64 = 0.000_5;

/// Counts of values (milliseconds) in buckets that grow by 3.5 %.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    zeros: i64,
    /// Index of the first bucket in `counts`.
    first: i32,
    counts: Vec<i64>,
}

impl Histogram {
    /// Counts one value.
    pub fn record(&mut self, millis: f64) {
        if millis <= SMALLEST {
            self.zeros += 1;
        } else {
            *self.bucket((millis.log2() * PER_OCTAVE).ceil() as i32) += 1;
        }
    }

    /// How many values were counted.
    pub fn count(&self) -> i64 {
        self.zeros + self.counts.iter().sum::<i64>()
    }

    /// The quantile `q` (0..1) by nearest rank, within 1.74 % of the exact one; none when nothing was counted.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let total = self.count();
        if total <= 0 {
            return None;
        }
        let rank = ((q * total as f64).ceil() as i64).clamp(1, total);
        let mut seen = self.zeros;
        if rank <= seen {
            return Some(0.0);
        }
        let gamma = (1.0 / PER_OCTAVE).exp2();
        for (index, count) in (self.first..).zip(&self.counts) {
            seen += count;
            if rank <= seen {
                return Some(2.0 * (f64::from(index) / PER_OCTAVE).exp2() / (gamma + 1.0));
            }
        }
        None
    }

    /// Adds another histogram, `sign` times (1, or -1 to take it away).
    pub(super) fn merge(&mut self, other: &Self, sign: i64) {
        self.zeros += sign * other.zeros;
        if let Some(last) = other.counts.len().checked_sub(1) {
            self.bucket(other.first);
            self.bucket(other.first + last as i32);
            let start = (other.first - self.first) as usize;
            for (own, count) in self.counts[start..].iter_mut().zip(&other.counts) {
                *own += sign * count;
            }
        }
        self.trim();
    }

    /// The count of bucket `index`, after room was made for it.
    fn bucket(&mut self, index: i32) -> &mut i64 {
        if self.counts.is_empty() {
            self.first = index;
        }
        if index < self.first {
            let more = (self.first - index) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, more));
            self.first = index;
        }
        let place = (index - self.first) as usize;
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        &mut self.counts[place]
    }

    /// Drops empty buckets at both ends, so that equal histograms are equal.
    fn trim(&mut self) {
        while self.counts.last() == Some(&0) {
            self.counts.pop();
        }
        let empty = self.counts.iter().take_while(|count| **count == 0).count();
        self.counts.drain(..empty);
        self.first = if self.counts.is_empty() {
            0
        } else {
            self.first + empty as i32
        };
    }

    /// As bytes: `zeros · first · counts…`, each a zigzag LEB128 number.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(4 + self.counts.len());
        write_number(&mut bytes, self.zeros);
        write_number(&mut bytes, i64::from(self.first));
        for count in &self.counts {
            write_number(&mut bytes, *count);
        }
        bytes
    }

    /// Reads what [`Histogram::encode`] wrote; none for other bytes.
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::default());
        }
        let zeros = read_number(&mut bytes)?;
        let first = i32::try_from(read_number(&mut bytes)?).ok()?;
        let mut counts = Vec::with_capacity(bytes.len());
        while !bytes.is_empty() {
            counts.push(read_number(&mut bytes)?);
        }
        Some(Self { zeros, first, counts })
    }
}

fn write_number(bytes: &mut Vec<u8>, number: i64) {
    let mut rest = ((number << 1) ^ (number >> 63)) as u64;
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

fn read_number(bytes: &mut &[u8]) -> Option<i64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((number >> 1) as i64 ^ -((number & 1) as i64));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Histogram {
        let mut histogram = Histogram::default();
        values.iter().for_each(|value| histogram.record(*value));
        histogram
    }

    proptest! {
        #[test]
        fn quantiles_are_within_two_percent(mut values in prop::collection::vec(0.001f64..3e9, 1..300), q in 0.0f64..=1.0) {
            let histogram = of(&values);
            values.sort_by(f64::total_cmp);
            let rank = ((q * values.len() as f64).ceil() as usize).clamp(1, values.len());
            let exact = values[rank - 1];
            let given = histogram.quantile(q).unwrap();
            prop_assert!((given - exact).abs() <= 0.02 * exact, "{given} for {exact}");
        }

        #[test]
        fn merging_is_counting_together(a in prop::collection::vec(0.0f64..1e6, 0..50), b in prop::collection::vec(0.0f64..1e6, 0..50)) {
            let both: Vec<f64> = a.iter().chain(&b).copied().collect();
            let mut merged = of(&a);
            merged.merge(&of(&b), 1);
            prop_assert_eq!(&merged, &of(&both));
            merged.merge(&of(&b), -1);
            prop_assert_eq!(merged, of(&a));
        }

        #[test]
        fn comes_back_from_bytes(values in prop::collection::vec(0.0f64..1e9, 0..50)) {
            let histogram = of(&values);
            prop_assert_eq!(Histogram::decode(&histogram.encode()), Some(histogram));
        }

        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Histogram::decode(&bytes);
        }
    }

    #[test]
    fn nothing_counted_has_no_quantile() {
        assert_eq!(Histogram::default().quantile(0.5), None);
        assert_eq!(of(&[0.0]).quantile(0.5), Some(0.0));
    }
}
