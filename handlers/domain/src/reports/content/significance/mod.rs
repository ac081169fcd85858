//! Whether two figures differ by more than chance would have them differ.
//!
//! Each function gives a two-sided p value: how often a difference of this size, or a greater one, comes up where there is
//! none. None means that there is too little to tell.

use crate::analytics::Histogram;
use statrs::distribution::{ContinuousCDF, DiscreteCDF, Hypergeometric, Normal, StudentsT};

/// A p value below this is called significant. A report compares a dozen figures: at the customary 0.05 every second report
/// would show a change where there is none.
pub const LEVEL: f64 = 0.01;

/// Fewest expected cases per cell for which the normal distribution stands in for the exact one (Cochran's rule).
const LEAST_EXPECTED: f64 = 5.0;
/// Fewest counted things for which the normal distribution stands in for the binomial one.
const LEAST_COUNTED: f64 = 10.0;
/// Fewest pairs of buckets from which a spread is estimated.
const LEAST_PAIRS: usize = 4;
/// Fewest values whose quantile has an interval.
const LEAST_VALUES: f64 = 20.0;
/// What a quantile of the histogram may be off, as its natural logarithm.
const BUCKET_ERROR: f64 = 0.0174;

/// Compares two shares, each as cases and of how many: the two-proportion z test with pooled variance (NIST/SEMATECH
/// e-Handbook of Statistical Methods, 7.3.3), or Fisher's exact test, its smaller tail doubled, where a cell expects
/// fewer than five.
pub fn shares(now: (i64, i64), before: (i64, i64)) -> Option<f64> {
    let ((cases, of), (cases_before, of_before)) = (now, before);
    if of <= 0 || of_before <= 0 {
        return None;
    }
    let all = (of + of_before) as f64;
    let pooled = (cases + cases_before) as f64 / all;
    let rarest = pooled.min(1.0 - pooled);
    if rarest <= 0.0 {
        return Some(1.0);
    }
    if rarest * (of.min(of_before) as f64) < LEAST_EXPECTED {
        return fisher(now, before);
    }
    let difference = cases as f64 / of as f64 - cases_before as f64 / of_before as f64;
    let variance = pooled * (1.0 - pooled) * (1.0 / of as f64 + 1.0 / of_before as f64);
    two_sided_normal(difference / variance.sqrt())
}

fn fisher((cases, of): (i64, i64), (cases_before, of_before): (i64, i64)) -> Option<f64> {
    let whole = |number: i64| u64::try_from(number).ok();
    let cases_drawn = whole(cases)?;
    let all = Hypergeometric::new(whole(of + of_before)?, whole(cases + cases_before)?, whole(of)?);
    let all = all.ok()?;
    let at_most = all.cdf(cases_drawn);
    let at_least = cases_drawn.checked_sub(1).map_or(1.0, |fewer| all.sf(fewer));
    Some(rounded((2.0 * at_most.min(at_least)).min(1.0)))
}

/// How many values, their sum, and the sum of their squares.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    /// How many.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// The sum of their squares.
    pub squares: f64,
}

impl Moments {
    /// Of ratings, of which there are so many of 1, 2, 3, 4 and 5.
    pub fn of_ratings(counts: &[i64; 5]) -> Self {
        let mut all = Self::default();
        for (rating, count) in (1..).map(f64::from).zip(counts) {
            let count = *count as f64;
            all.count += count;
            all.sum += rating * count;
            all.squares += rating * rating * count;
        }
        all
    }

    fn mean(&self) -> f64 {
        self.sum / self.count
    }

    /// The squared standard error of the mean.
    fn error(&self) -> f64 {
        let spread = (self.squares - self.sum * self.mean()).max(0.0);
        spread / (self.count - 1.0) / self.count
    }
}

/// Compares two means: Welch's t test with the degrees of freedom of Welch and Satterthwaite (NIST/SEMATECH e-Handbook, 7.3.1).
pub fn means(now: Moments, before: Moments) -> Option<f64> {
    if now.count < 2.0 || before.count < 2.0 {
        return None;
    }
    let (error, error_before) = (now.error(), before.error());
    let difference = now.mean() - before.mean();
    if error + error_before <= 0.0 {
        // All values of both are the same: no spread to measure a difference with.
        return (difference == 0.0).then_some(1.0);
    }
    let freedom = (error + error_before).powi(2)
        / (error.powi(2) / (now.count - 1.0) + error_before.powi(2) / (before.count - 1.0));
    two_sided_t(difference / (error + error_before).sqrt(), freedom)
}

/// Something that was counted, or summed, over a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counted<'a> {
    /// The sum over the period.
    pub total: f64,
    /// How long the period was.
    pub hours: f64,
    /// The sums over its parts (days, hours), of which each is comparable to the same one of the other period.
    pub parts: &'a [f64],
}

/// What is compared: things that come one at a time, or amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Each counts one: the spread is at least that of a Poisson process.
    Count,
    /// Money and the like: the spread is whatever it is.
    Amount,
}

/// Compares two rates. Given their sum, the first of two Poisson counts is binomial (Przyborowski and Wilenski, 1940); shoppers
/// come in bursts, so the variance is multiplied by the dispersion (quasi-likelihood: McCullagh and Nelder, "Generalized
/// Linear Models", 1989, 4.5 and 6.2.3), which is estimated as X²/(k−1) from the k pairs of parts. Pairing them (Monday with Monday)
/// keeps the pattern of the week out of it.
///
/// Where one period is empty there is no such estimate. Counts are then compared as those of a Poisson process. Amounts have no
/// natural unit, so no spread can be assumed of them: the pairs are compared by the paired t test ([`pairs`]).
pub fn rates(kind: Kind, now: Counted<'_>, before: Counted<'_>) -> Option<f64> {
    let all = now.total + before.total;
    let length = now.hours + before.hours;
    if all <= 0.0 || now.hours <= 0.0 || before.hours <= 0.0 || (kind == Kind::Count && all < LEAST_COUNTED) {
        return None;
    }
    if kind == Kind::Amount && (now.total <= 0.0 || before.total <= 0.0) {
        return pairs(now.parts, before.parts);
    }
    let (dispersion, freedom) = dispersion(now.parts, before.parts)?;
    let dispersion = match kind {
        Kind::Count => dispersion.max(1.0),
        Kind::Amount => dispersion,
    };
    let share = now.hours / length;
    let variance = dispersion * all * share * (1.0 - share);
    if variance <= 0.0 {
        return None;
    }
    two_sided_t((now.total - all * share) / variance.sqrt(), freedom)
}

/// Compares the parts of two periods pair by pair: Student's t test of their differences (NIST/SEMATECH e-Handbook, 7.3.1.1). None
/// where all differences are the same: then there is no spread to measure them with.
fn pairs(now: &[f64], before: &[f64]) -> Option<f64> {
    let mut differences = Moments::default();
    for (now, before) in now.iter().zip(before) {
        let difference = now - before;
        differences.count += 1.0;
        differences.sum += difference;
        differences.squares += difference * difference;
    }
    let error = differences.error();
    if differences.count < LEAST_PAIRS as f64 || error <= 0.0 {
        return None;
    }
    two_sided_t(differences.mean() / error.sqrt(), differences.count - 1.0)
}

/// Pearson's X² of the 2×k table of parts over its degrees of freedom, and these.
fn dispersion(now: &[f64], before: &[f64]) -> Option<(f64, f64)> {
    let pairs: Vec<_> = now
        .iter()
        .zip(before)
        .filter(|(now, before)| **now + **before > 0.0)
        .collect();
    if pairs.len() < LEAST_PAIRS {
        return None;
    }
    let sum: f64 = pairs.iter().map(|(now, _)| **now).sum();
    let all: f64 = pairs.iter().map(|(now, before)| **now + **before).sum();
    let share = sum / all;
    if share <= 0.0 || share >= 1.0 {
        // One period is empty: nothing tells how much its parts would have varied.
        return Some((1.0, (pairs.len() - 1) as f64));
    }
    let squares: f64 = pairs
        .iter()
        .map(|(now, before)| {
            let both = **now + **before;
            (**now - both * share).powi(2) / (both * share * (1.0 - share))
        })
        .sum();
    let freedom = (pairs.len() - 1) as f64;
    Some((squares / freedom, freedom))
}

/// Compares the quantile `q` of two distributions by the logarithms of both, whose standard errors come from the order
/// statistics one standard deviation to either side (Woodruff, "Confidence intervals for medians and other position
/// measures", 1952; Price and Bonett, "Distribution-free confidence intervals for difference and ratio of medians",
/// 2002), plus what the buckets of the histogram blur.
pub fn quantiles(now: &Histogram, before: &Histogram, q: f64) -> Option<f64> {
    let (value, error) = log_quantile(now, q)?;
    let (value_before, error_before) = log_quantile(before, q)?;
    // The errors of two uniform roundings, each of variance width²/3.
    let blur = 2.0 * BUCKET_ERROR.powi(2) / 3.0;
    two_sided_normal((value - value_before) / (error.powi(2) + error_before.powi(2) + blur).sqrt())
}

fn log_quantile(histogram: &Histogram, q: f64) -> Option<(f64, f64)> {
    let count = histogram.count() as f64;
    // The order statistic above the quantile must exist.
    if count < LEAST_VALUES || count * (1.0 - q) < 2.0 {
        return None;
    }
    let step = (q * (1.0 - q) / count).sqrt();
    let log = |q: f64| {
        let value = histogram.quantile(q.clamp(0.0, 1.0))?;
        (value > 0.0).then(|| value.ln())
    };
    Some((log(q)?, (log(q + step)? - log(q - step)?) / 2.0))
}

fn two_sided_normal(z: f64) -> Option<f64> {
    let tail = Normal::standard().sf(z.abs());
    z.is_finite().then(|| rounded((2.0 * tail).min(1.0)))
}

fn two_sided_t(t: f64, freedom: f64) -> Option<f64> {
    // Here the two agree to three digits, and the series for the t distribution grows long.
    if freedom > 20_000.0 {
        return two_sided_normal(t);
    }
    let tail = StudentsT::new(0.0, 1.0, freedom).ok()?.sf(t.abs());
    t.is_finite().then(|| rounded((2.0 * tail).min(1.0)))
}

/// Three digits are all that such a number means, and all machines agree on them.
fn rounded(p: f64) -> f64 {
    if p < 1e-12 {
        return 0.0;
    }
    let scale = 10f64.powf(2.0 - p.log10().floor());
    (p * scale).round() / scale
}

#[cfg(test)]
mod tests;
