//! The pseudo-random numbers behind the data.

/// SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014), with the constants of
/// Vigna's public-domain version. A dozen lines, whole numbers only, and so the same everywhere and for ever, which no
/// crate's "standard" generator promises. Not for secrets.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

/// What a draw of [`Random::pick`] chooses from: values and their weights.
pub(super) type Weighted<T> = [(T, u32)];

impl Random {
    /// The stream number `stream` of `seed`; streams do not depend on how far another one was read.
    pub(super) fn stream(seed: u64, stream: u64) -> Self {
        let mut seeds = Self(seed);
        Self(seeds.next() ^ Self(stream).next())
    }

    /// 64 random bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 to `most`, excluded; 0 for an empty range.
    pub(super) fn below(&mut self, most: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(most)) >> 64) as u64
    }

    /// `least` to `most`, both included.
    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    /// True in so many of a thousand cases.
    pub(super) fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// One of `values`, which are not empty.
    pub(super) fn one<'a, T>(&mut self, values: &'a [T]) -> &'a T {
        &values[self.below(values.len() as u64) as usize]
    }

    /// One of `values`, which are not empty, by weight.
    pub(super) fn pick<'a, T>(&mut self, values: &'a Weighted<T>) -> &'a T {
        let total: u64 = values.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut drawn = self.below(total);
        for (value, weight) in values {
            match drawn.checked_sub(u64::from(*weight)) {
                Some(rest) => drawn = rest,
                None => return value,
            }
        }
        &values[values.len() - 1].0
    }

    /// `median` times a factor that spreads as response times do: half below 1, one in twenty above 3. A product of
    /// independent factors tends to the log-normal distribution, and needs no logarithm.
    pub(super) fn spread(&mut self, median: u64) -> u64 {
        let mut value = median as f64;
        for _ in 0..4 {
            let uniform = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
            value *= 0.5 + 1.1 * uniform;
        }
        value as u64
    }

    /// 16 random bytes.
    pub(super) fn bytes(&mut self) -> [u8; 16] {
        ((u128::from(self.next()) << 64) | u128::from(self.next())).to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_reference() {
        let mut random = Random(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
        assert_eq!(random.next(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn durations_have_a_long_tail() {
        let mut random = Random(1);
        let mut values: Vec<u64> = (0..10_000).map(|_| random.spread(1000)).collect();
        values.sort_unstable();
        assert!((900..1100).contains(&values[5000]), "p50 {}", values[5000]);
        assert!((2300..3300).contains(&values[9500]), "p95 {}", values[9500]);
    }
}
