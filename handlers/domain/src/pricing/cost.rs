//! Sums of prices, exact until the one rounding at the end.

use super::Unit;

/// What so many units cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    /// Micro-dollars for `count` units.
    pub(super) micros: u64,
    /// How many units that is.
    pub(super) count: u64,
}

/// Microseconds of a minute: audio is counted in microseconds, and paid for by the minute.
const MINUTE: u128 = 60_000_000;

/// A sum of micro-dollars, as a fraction in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum {
    numerator: u128,
    denominator: u128,
}

impl Sum {
    pub(super) const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };

    /// The sum with what `quantity` of a unit costs at `rate`. None when that is more than can be counted.
    pub(super) fn add(self, unit: Unit, quantity: u64, rate: Rate) -> Option<Self> {
        let part = if unit == Unit::AudioMinute { MINUTE } else { 1 };
        let own = Self::lowest(
            u128::from(quantity).checked_mul(rate.micros.into())?,
            u128::from(rate.count).checked_mul(part)?,
        );
        let common = gcd(self.denominator, own.denominator);
        let numerator = self
            .numerator
            .checked_mul(own.denominator / common)?
            .checked_add(own.numerator.checked_mul(self.denominator / common)?)?;
        let denominator = self.denominator.checked_mul(own.denominator / common)?;
        Some(Self::lowest(numerator, denominator))
    }

    /// Whole micro-dollars, half of one rounded up. None when that is more than can be stored.
    pub(super) fn rounded(self) -> Option<u64> {
        let whole = self.numerator / self.denominator;
        let rest = self.numerator % self.denominator;
        let up = rest >= self.denominator - rest;
        let rounded = i64::try_from(whole + u128::from(up)).ok()?;
        rounded.try_into().ok()
    }

    fn lowest(numerator: u128, denominator: u128) -> Self {
        let common = gcd(numerator, denominator).max(1);
        Self {
            numerator: numerator / common,
            denominator: (denominator / common).max(1),
        }
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn rate(micros: u64, count: u64) -> Rate {
        Rate { micros, count }
    }

    #[test]
    fn halves_go_up_once_at_the_end() {
        let half = Sum::ZERO.add(Unit::Character, 1, rate(1, 2)).unwrap();
        assert_eq!(half.rounded(), Some(1));
        let whole = half.add(Unit::Image, 1, rate(1, 2)).unwrap();
        assert_eq!(whole.rounded(), Some(1), "not each half by itself");
        let third = Sum::ZERO.add(Unit::Character, 1, rate(1, 3)).unwrap();
        assert_eq!(third.rounded(), Some(0));
    }

    #[test]
    fn what_cannot_be_counted_is_unknown() {
        let most = Sum::ZERO
            .add(Unit::Character, u64::MAX, rate(u64::MAX, 1))
            .unwrap();
        assert_eq!(most.rounded(), None);
        assert_eq!(
            most.add(Unit::Image, u64::MAX, rate(u64::MAX, u64::MAX - 58)),
            None
        );
        let all = Sum::ZERO
            .add(Unit::Character, 1, rate(i64::MAX as u64, 1))
            .unwrap();
        assert_eq!(all.rounded(), Some(i64::MAX as u64));
    }

    proptest! {
        #[test]
        fn the_order_of_units_does_not_matter(parts in prop::collection::vec((0..1_000_000_000_u64, 0..1_000_000_000_u64, 1..=1_000_000_u64), 0..4)) {
            let sum = |parts: &[(u64, u64, u64)]| {
                parts.iter().try_fold(Sum::ZERO, |sum, (quantity, micros, count)| {
                    sum.add(Unit::Character, *quantity, rate(*micros, *count))
                })
            };
            let mut backwards = parts.clone();
            backwards.reverse();
            if let (Some(sum), Some(other)) = (sum(&parts), sum(&backwards)) {
                prop_assert_eq!(sum, other);
            }
        }
    }
}
