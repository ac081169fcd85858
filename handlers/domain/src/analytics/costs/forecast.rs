//! What a month will cost, seen from within it.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Serialize;
use utoipa::ToSchema;

/// Days that are looked back at: as many of each weekday.
pub(super) const LOOKS_BACK: i64 = 28;
/// Fewest days of known cost to say anything: each weekday twice.
const FEWEST: usize = 14;
/// Student's t at 0.9 for 7 to 21 degrees of freedom: 80 % of what comes lies within as many standard errors.
const T_90: [f64; 15] = [
    1.415, 1.397, 1.383, 1.372, 1.363, 1.356, 1.350, 1.345, 1.341, 1.337, 1.333, 1.330, 1.328, 1.325, 1.323,
];

/// What the whole month will cost, in micro-dollars.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Forecast {
    /// What is expected.
    pub micros: f64,
    /// Four times of five it will not be less than in one of ten: lower end of the 80 % interval.
    pub low: f64,
    /// Upper end of the 80 % interval.
    pub high: f64,
    /// Days among those that it looks back at (28 at most) that had turns, none of them with a known cost: they are left out.
    pub unpriced_days: usize,
}

/// Expects of each day that is left the mean of its weekday over the last four weeks.
///
/// `past` holds the cost of the days before today, oldest first, from the first one that had any turn, and none for a day whose
/// cost is unknown; `so_far` that of the month up to now, of which `today_so_far` is today's. None with less than two weeks of
/// known cost, and where a weekday is left of which no cost is known.
///
/// This is the one-way layout with the weekday as its factor (Montgomery, *Design and Analysis of Experiments*, chapter 3):
/// the variance `s²` of the residuals has `n - 7` degrees of freedom (`n` less the
/// weekdays of known cost); a sum over `r_w` days to come of each weekday, whose mean
/// was taken of `n_w` days, has the prediction variance `s² · Σ (r_w + r_w² / n_w)`, and the interval is Student's.
pub fn forecast(today: Date, past: &[Option<i64>], so_far: i64, today_so_far: i64) -> Option<Forecast> {
    let past = &past[past.len().saturating_sub(LOOKS_BACK as usize)..];
    let first = today.saturating_sub((past.len() as i64).days());
    let weekday = |offset: usize| place(first.saturating_add((offset as i64).days()).weekday());
    let known: Vec<(usize, f64)> = past
        .iter()
        .enumerate()
        .filter_map(|(offset, cost)| Some((weekday(offset), (*cost)? as f64)))
        .collect();
    if known.len() < FEWEST {
        return None;
    }
    let mut sums = [(0.0, 0.0); 7];
    for (day, cost) in &known {
        let (count, sum) = &mut sums[*day];
        *count += 1.0;
        *sum += cost;
    }
    let weekdays = sums.iter().filter(|(count, _)| *count > 0.0).count();
    let mean = |day: usize| sums[day].1 / sums[day].0;
    let squares: f64 = known.iter().map(|(day, cost)| (cost - mean(*day)).powi(2)).sum();
    let freedom = known.len() - weekdays;
    let variance = squares / freedom as f64;

    let mut left = [0.0; 7];
    for day in today.day()..=today.last_of_month().day() {
        let offset = i64::from(day - today.day());
        left[place(today.saturating_add(offset.days()).weekday())] += 1.0;
    }
    let left_days: Vec<usize> = (0..7).filter(|day| left[*day] > 0.0).collect();
    if left_days.iter().any(|day| sums[*day].0 == 0.0) {
        return None;
    }
    let expected: f64 = left_days.iter().map(|day| left[*day] * mean(*day)).sum();
    // What today has cost already is not expected once more; a day that is dearer than usual stays so.
    let begun = (today_so_far as f64).min(mean(place(today.weekday())));
    let micros = so_far as f64 + expected - begun;
    let factor: f64 = left_days
        .iter()
        .map(|day| left[*day] + left[*day] * left[*day] / sums[*day].0)
        .sum();
    let margin = T_90[freedom - 7] * (variance * factor).sqrt();
    Some(Forecast {
        micros,
        low: (micros - margin).max(so_far as f64),
        high: micros + margin,
        unpriced_days: past.len() - known.len(),
    })
}

fn place(day: Weekday) -> usize {
    usize::from(day.to_monday_zero_offset().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// A Monday; November has 14 days left from here, each weekday twice, and today is one of 15.
    const TODAY: Date = date(2026, 11, 16);

    fn known(past: impl IntoIterator<Item = i64>) -> Vec<Option<i64>> {
        past.into_iter().map(Some).collect()
    }

    #[test]
    fn a_steady_week_goes_on_without_doubt() {
        // 10 on workdays, 40 on Saturdays and Sundays.
        let week = [10, 10, 10, 10, 10, 40, 40];
        let past = known(week.iter().cycle().take(28).copied());
        let given = forecast(TODAY, &past, 1000, 4).unwrap();
        // 16 to 30 November: three Mondays, and two of each other day; 4 of today's 10 are in what was paid.
        let rest = 3.0 * 10.0 + 2.0 * (4.0 * 10.0 + 2.0 * 40.0) - 4.0;
        assert_eq!(
            (given.micros, given.low, given.high),
            (1000.0 + rest, 1000.0 + rest, 1000.0 + rest)
        );
        let dear = forecast(TODAY, &past, 1000, 500).unwrap();
        assert_eq!(dear.micros, 1000.0 + rest + 4.0 - 10.0);
    }

    #[test]
    fn a_worked_example_has_the_interval_of_the_formula() {
        // Two weeks: each weekday once 8 and once 12, so that s² = 14 · 4 / 7 = 8.
        let past = known([8; 7].into_iter().chain([12; 7]));
        let given = forecast(TODAY, &past, 0, 0).unwrap();
        assert_eq!(given.micros, 150.0);
        // r = 3 once and 2 six times: Σ (r + r²/2) = 7.5 + 6 · 4.
        let margin = 1.415 * (8.0_f64 * 31.5).sqrt();
        assert!((given.high - 150.0 - margin).abs() < 1e-9 && (150.0 - given.low - margin).abs() < 1e-9);
    }

    #[test]
    fn too_few_days_say_nothing_and_old_ones_do_not_count() {
        assert_eq!(forecast(TODAY, &[Some(10); 13], 0, 0), None);
        assert_eq!(forecast(TODAY, &[], 0, 0), None);
        let old = known([1_000_000; 100].into_iter().chain([10; 28]));
        assert_eq!(
            forecast(TODAY, &old, 0, 0),
            forecast(TODAY, &[Some(10); 28], 0, 0)
        );
        let last = forecast(date(2026, 11, 30), &[Some(10); 28], 290, 3).unwrap();
        assert_eq!(last.micros, 297.0, "only the rest of today is left");
    }

    #[test]
    fn a_day_of_unknown_cost_is_not_one_without_cost() {
        let mut past = vec![Some(10); 28];
        let steady = forecast(TODAY, &past, 0, 0).unwrap();
        for offset in [0, 3, 9] {
            past[offset] = None;
        }
        let given = forecast(TODAY, &past, 0, 0).unwrap();
        assert_eq!((given.micros, given.unpriced_days), (steady.micros, 3));
        assert_eq!(steady.unpriced_days, 0);
        past[9] = Some(0);
        assert!(forecast(TODAY, &past, 0, 0).unwrap().micros < steady.micros);

        let weeks = |unknown: usize| {
            (0..28)
                .map(|day| (day >= unknown).then_some(10))
                .collect::<Vec<_>>()
        };
        assert!(forecast(TODAY, &weeks(14), 0, 0).is_some());
        assert_eq!(
            forecast(TODAY, &weeks(15), 0, 0),
            None,
            "less than two weeks are known"
        );
        // Nothing can be said while a weekday is to come of which nothing is known: here a Monday.
        let no_monday: Vec<_> = (0..28).map(|day| (day % 7 != 0).then_some(10)).collect();
        assert_eq!(forecast(TODAY, &no_monday, 0, 0), None);
        // The last day of this month is a Sunday, and only Mondays are unknown.
        let sunday = date(2027, 2, 28);
        let no_monday: Vec<_> = (0..28).map(|day| (day % 7 != 1).then_some(10)).collect();
        let last = forecast(sunday, &no_monday, 270, 0).unwrap();
        assert_eq!((last.micros, last.unpriced_days), (280.0, 4));
    }
}
