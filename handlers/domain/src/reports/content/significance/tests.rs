//! The references were computed with 30 digits, by integrating the densities and by whole fractions.

use super::*;
use proptest::prelude::*;

#[track_caller]
fn close(p: Option<f64>, reference: f64) {
    let p = p.unwrap();
    assert!((p - reference).abs() <= 0.005 * reference, "{p} for {reference}");
}

#[test]
fn shares_agree_with_the_references() {
    close(shares((980, 1000), (960, 1000)), 0.0087515);
    close(shares((12, 200), (21, 180)), 0.050158);
    close(shares((50, 100), (50, 100)), 1.0);
    assert_eq!(shares((4_900_000, 5_000_000), (4_895_000, 5_000_000)), Some(0.0));
    close(shares((1, 9), (11, 12)), 0.000741673);
    close(shares((3, 4), (1, 4)), 0.485714);
}

#[test]
fn means_agree_with_the_references() {
    let ratings = |now, before| means(Moments::of_ratings(&now), Moments::of_ratings(&before));
    close(ratings([3, 2, 5, 20, 40], [6, 6, 9, 22, 31]), 0.029357);
    close(ratings([0, 1, 0, 1, 2], [2, 0, 1, 0, 0]), 0.062594);
    close(
        ratings([100, 80, 200, 900, 2000], [140, 90, 260, 800, 1800]),
        2.94e-5,
    );
    assert_eq!(ratings([0, 0, 0, 0, 9], [0, 0, 0, 0, 5]), Some(1.0));
    assert_eq!(
        ratings([0, 0, 0, 0, 9], [0, 0, 0, 5, 0]),
        None,
        "no spread at all"
    );
    assert_eq!(ratings([0, 0, 0, 0, 1], [3, 0, 0, 5, 0]), None, "one rating");
}

const NOW: [f64; 7] = [120.0, 131.0, 118.0, 140.0, 180.0, 210.0, 160.0];
const BEFORE: [f64; 7] = [100.0, 120.0, 121.0, 119.0, 150.0, 190.0, 150.0];

fn counted(parts: &[f64], hours: f64) -> Counted<'_> {
    Counted {
        total: parts.iter().sum(),
        hours,
        parts,
    }
}

#[test]
fn rates_agree_with_the_references() {
    let p = |kind, hours| rates(kind, counted(&NOW, 168.0), counted(&BEFORE, hours));
    close(p(Kind::Count, 168.0), 0.051034);
    close(p(Kind::Count, 167.0), 0.061263);
    close(p(Kind::Amount, 168.0), 0.0068673);
}

#[test]
fn an_amount_that_rises_from_nothing_is_judged_by_how_steadily_it_does() {
    let p = |kind, parts: &[f64]| {
        let none = vec![0.0; parts.len()];
        let p = rates(kind, counted(parts, 168.0), counted(&none, 168.0));
        assert_eq!(p, rates(kind, counted(&none, 168.0), counted(parts, 168.0)));
        p
    };
    close(p(Kind::Amount, &NOW), 2.3041e-5);
    let once = [0.0, 0.0, 40.0, 0.0, 0.0, 3.0, 0.0];
    close(p(Kind::Amount, &once), 0.31935);
    close(p(Kind::Amount, &once.map(|part| part * 1e6)), 0.31935);
    assert_eq!(p(Kind::Amount, &[5.0; 7]), None, "no spread");
    assert_eq!(p(Kind::Amount, &NOW[..3]), None, "too few pairs");
    assert_eq!(p(Kind::Amount, &[0.0; 7]), None, "nothing in both");
}

#[test]
fn nothing_is_said_of_too_little() {
    assert_eq!(shares((0, 0), (3, 10)), None);
    assert_eq!(shares((5, 5), (10, 10)), Some(1.0));
    assert_eq!(rates(Kind::Count, counted(&[], 24.0), counted(&[], 24.0)), None);
    let few = [1.0; 4];
    assert_eq!(rates(Kind::Count, counted(&few, 24.0), counted(&few, 24.0)), None);
    let mut histogram = Histogram::default();
    (0..19).for_each(|_| histogram.record(5.0));
    assert_eq!(quantiles(&histogram, &histogram, 0.5), None);
}

/// Whole fractions of a hypergeometric tail, by counting.
fn tail(cases: i64, of: i64, cases_before: i64, of_before: i64) -> f64 {
    let choose = |n: i64, k: i64| (0..k).fold(1f64, |all, i| all * (n - i) as f64 / (i + 1) as f64);
    let all = cases + cases_before;
    let weight = |x: i64| choose(all, x) * choose(of + of_before - all, of - x);
    let range = (all - of_before).max(0)..=all.min(of);
    let whole: f64 = range.clone().map(weight).sum();
    let low: f64 = range.clone().filter(|x| *x <= cases).map(weight).sum();
    let high: f64 = range.filter(|x| *x >= cases).map(weight).sum();
    (2.0 * low.min(high) / whole).min(1.0)
}

/// Numbers between 0 and 1 (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Durations with a long tail.
    fn durations(&mut self, many: usize, median: f64) -> Histogram {
        let mut histogram = Histogram::default();
        for _ in 0..many {
            let normal =
                (-2.0 * self.roll().max(1e-9).ln()).sqrt() * (std::f64::consts::TAU * self.roll()).cos();
            histogram.record(median * (0.6 * normal).exp());
        }
        histogram
    }
}

#[test]
fn chance_rarely_moves_a_quantile_and_a_real_move_is_seen() {
    let mut dice = Dice(7);
    let mut wrong = 0;
    for _ in 0..200 {
        let (now, before) = (dice.durations(400, 800.0), dice.durations(300, 800.0));
        wrong += i32::from(quantiles(&now, &before, 0.95).unwrap() < LEVEL);
    }
    assert!(wrong <= 8, "{wrong} of 200 at the level {LEVEL}");
    for q in [0.5, 0.95] {
        let (now, before) = (dice.durations(2000, 1200.0), dice.durations(2000, 800.0));
        assert!(quantiles(&now, &before, q).unwrap() < LEVEL);
    }
}

proptest! {
    #[test]
    fn small_shares_agree_with_counting(of in 1i64..30, of_before in 1i64..30, a in 0i64..30, b in 0i64..30) {
        let (a, b) = (a % (of + 1), b % (of_before + 1));
        let pooled = (a + b) as f64 / (of + of_before) as f64;
        prop_assume!(pooled.min(1.0 - pooled) * (of.min(of_before) as f64) < LEAST_EXPECTED && pooled > 0.0 && pooled < 1.0);
        let p = shares((a, of), (b, of_before)).unwrap();
        prop_assert!((p - tail(a, of, b, of_before)).abs() <= 0.005 * p, "{p}");
    }

    #[test]
    fn the_order_does_not_matter(a in prop::array::uniform5(0i64..40), b in prop::array::uniform5(0i64..40)) {
        let [x, y] = [a, b].map(|counts| Moments::of_ratings(&counts));
        let [n, m] = [a, b].map(|counts| counts.iter().sum::<i64>());
        for (one, other) in [
            (means(x, y), means(y, x)),
            (shares((a[0], n), (b[0], m)), shares((b[0], m), (a[0], n))),
        ] {
            match (one, other) {
                (Some(one), Some(other)) => prop_assert!((one - other).abs() <= 0.01 * one, "{one} {other}"),
                (one, other) => prop_assert_eq!(one, other),
            }
        }
    }

    #[test]
    fn a_p_value_is_one(
        a in prop::collection::vec(0u32..2_000_000, 0..32), b in prop::collection::vec(0u32..2_000_000, 0..32),
        hours in 1.0f64..800.0,
    ) {
        let [a, b] = [a, b].map(|parts| parts.into_iter().map(f64::from).collect::<Vec<_>>());
        for kind in [Kind::Count, Kind::Amount] {
            if let Some(p) = rates(kind, counted(&a, hours), counted(&b, 24.0)) {
                prop_assert!((0.0..=1.0).contains(&p), "{p}");
            }
        }
    }

    #[test]
    fn an_amount_has_no_unit(scale in 1u32..1_000_000, parts in prop::array::uniform7(1u32..1000), others in prop::array::uniform7(1u32..1000)) {
        let of = |parts: [u32; 7], scale: u32| parts.map(|part| f64::from(part) * f64::from(scale));
        let p = |scale| {
            let (now, before) = (of(parts, scale), of(others, scale));
            rates(Kind::Amount, counted(&now, 168.0), counted(&before, 168.0))
        };
        match (p(1), p(scale)) {
            (Some(one), Some(other)) => prop_assert!((one - other).abs() <= 0.02 * one, "{one} {other}"),
            (one, other) => prop_assert_eq!(one, other),
        }
    }
}
