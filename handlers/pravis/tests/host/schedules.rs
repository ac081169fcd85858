//! NCRONTAB schedules.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pravis::host::schedule::Schedule;
use proptest::prelude::*;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn schedule(text: &str) -> Schedule {
    text.parse().unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn the_next_time_is_the_hosts() {
    for (text, after, next) in [
        ("0 */5 * * * *", "2026-08-21T09:15:00Z", "2026-08-21T09:20:00Z"),
        (
            "0 */5 * * * *",
            "2026-08-21T09:14:59.9999999Z",
            "2026-08-21T09:15:00Z",
        ),
        ("*/5 * * * *", "2026-08-21T09:15:00Z", "2026-08-21T09:20:00Z"),
        ("* * * * * *", "2026-08-21T09:15:00.5Z", "2026-08-21T09:15:01Z"),
        (
            "0 0 9 * * Mon-Fri",
            "2026-08-21T09:00:00Z",
            "2026-08-24T09:00:00Z",
        ),
        ("0 0 9 * * monday", "2026-08-21T09:00:00Z", "2026-08-24T09:00:00Z"),
        ("0 0 0 * * 0", "2026-08-21T09:00:00Z", "2026-08-23T00:00:00Z"),
        ("0 30 5 1 Jan *", "2026-08-21T09:00:00Z", "2027-01-01T05:30:00Z"),
        // Both day fields must match: the next Friday the 13th.
        ("0 0 0 13 * Fri", "2026-08-21T09:00:00Z", "2026-11-13T00:00:00Z"),
        ("0 0 0 29 2 *", "2026-08-21T09:00:00Z", "2028-02-29T00:00:00Z"),
        ("0 0 0 31 * *", "2026-08-31T00:00:00Z", "2026-10-31T00:00:00Z"),
        ("0 10/20 * * * *", "2026-08-21T09:00:00Z", "2026-08-21T09:10:00Z"),
        ("0 10/20 * * * *", "2026-08-21T09:30:00Z", "2026-08-21T09:50:00Z"),
        (
            "0 0 8-10,20 * * *",
            "2026-08-21T10:00:00Z",
            "2026-08-21T20:00:00Z",
        ),
        ("0 0 0-23/6 * * *", "2026-08-21T10:00:00Z", "2026-08-21T12:00:00Z"),
    ] {
        assert_eq!(
            schedule(text).next_after(time(after)),
            Some(time(next)),
            "{text} after {after}"
        );
    }
}

#[test]
fn the_rarest_day_is_found() {
    // 40 years between two of them instead of 28, since 2100 is no leap year.
    let next = schedule("0 0 0 29 2 Mon").next_after(time("2072-03-01T00:00:00Z"));
    assert_eq!(next, Some(time("2112-02-29T00:00:00Z")));
}

#[test]
fn a_bad_schedule_says_where_and_what_is_allowed() {
    for (text, parts) in [
        ("", &["0 fields"][..]),
        ("* * * *", &["4 fields", "six"]),
        ("* * * * * * *", &["7 fields"]),
        ("00:05:00", &["time span", "0 */5 * * * *"]),
        ("60 * * * * *", &["second", "`60`", "0 to 59"]),
        ("0 0 24 * * *", &["hour", "`24`", "0 to 23"]),
        ("0 0 0 0 * *", &["day of month", "1 to 31"]),
        ("0 0 0 * 13 *", &["month", "`13`", "1 to 12", "jan to dec"]),
        ("0 0 0 * * 7", &["day of week", "`7`", "0 to 6", "sun to sat"]),
        ("0 0 0 * * Mo", &["day of week", "`Mo`"]),
        ("0 0 Mon * * *", &["hour", "`Mon`"]),
        ("0 */0 * * * *", &["minute", "step", "`0`"]),
        ("0 5- * * * *", &["minute", "``"]),
        ("0 22-2 * * * *", &["minute", "backwards"]),
        ("0 1,,2 * * * *", &["minute", "``"]),
        ("0 0 0 L * *", &["day of month", "`L`"]),
        ("0 0 0 ? * *", &["day of month", "`?`"]),
        ("@daily", &["1 fields"]),
        ("0 0 0 30 2 *", &["never"]),
        ("0 0 0 31 Feb,Apr *", &["never"]),
    ] {
        let error = text.parse::<Schedule>().unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "{text}: {part} is not in: {error}");
        }
    }
}

#[test]
fn the_end_of_the_calendar_is_no_endless_search() {
    let started = Instant::now();
    assert_eq!(schedule("0 0 0 29 2 Sun").next_after(Timestamp::MAX), None);
    assert_eq!(schedule("* * * * * *").next_after(Timestamp::MAX), None);
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[test]
fn only_a_list_of_seconds_fires_several_times_a_minute() {
    assert!(schedule("*/30 * * * * *").fires_several_times_a_minute());
    assert!(!schedule("30 * * * * *").fires_several_times_a_minute());
    assert!(!schedule("* * * * *").fires_several_times_a_minute());
}

/// A field as text, with the values that it must mean.
fn field(min: u8, max: u8) -> impl Strategy<Value = (String, Vec<u8>)> {
    let item = prop_oneof![
        Just(("*".to_owned(), (min..=max).collect::<Vec<_>>())),
        (min..=max).prop_map(|n| (n.to_string(), vec![n])),
        (1..=max).prop_map(move |s| (format!("*/{s}"), (min..=max).step_by(s.into()).collect())),
        (min..=max, 1..=max)
            .prop_map(move |(n, s)| (format!("{n}/{s}"), (n..=max).step_by(s.into()).collect())),
        (min..=max, min..=max, 1..=max).prop_map(|(a, b, s)| {
            let (a, b) = (a.min(b), a.max(b));
            (format!("{a}-{b}/{s}"), (a..=b).step_by(s.into()).collect())
        }),
    ];
    prop::collection::vec(item, 1..3).prop_map(|items| {
        let (texts, sets): (Vec<_>, Vec<_>) = items.into_iter().unzip();
        (texts.join(","), sets.concat())
    })
}

/// The first second after `after` that is in all six sets, tried one by one, within `days`.
fn brute_force(sets: &[Vec<u8>; 6], after: i64, days: i64) -> Option<i64> {
    let has = |field: usize, value: i64| sets[field].contains(&u8::try_from(value).unwrap());
    let first_day = after.div_euclid(86_400);
    (first_day..first_day + days)
        .filter(|day| {
            let date = Timestamp::from_second(day * 86_400)
                .unwrap()
                .to_zoned(TimeZone::UTC);
            has(3, date.day().into())
                && has(4, date.month().into())
                && has(5, date.weekday().to_sunday_zero_offset().into())
        })
        .flat_map(|day| (0..86_400).map(move |second| (day, second)))
        .filter(|(day, second)| day * 86_400 + second > after)
        .find(|(_, second)| has(2, second / 3600) && has(1, second / 60 % 60) && has(0, second % 60))
        .map(|(day, second)| day * 86_400 + second)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn next_is_what_trying_every_second_finds(
        fields in (field(0, 59), field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6)),
        after in 1_700_000_000_i64..2_000_000_000,
        fraction in 0..1_000_000_000,
    ) {
        let ((s, ss), (m, ms), (h, hs), (d, ds), (mo, mos), (w, ws)) = fields;
        let text = format!("{s} {m} {h} {d} {mo} {w}");
        let sets = [ss, ms, hs, ds, mos, ws];
        let horizon = 800;
        let expected = brute_force(&sets, after, horizon);
        match text.parse::<Schedule>() {
            Err(never) => prop_assert!(never.to_string().contains("never") && expected.is_none(), "{never}"),
            Ok(schedule) => {
                let after = Timestamp::new(after, fraction).unwrap();
                let found = schedule.next_after(after).map(|next| next.as_second());
                match expected {
                    Some(_) => prop_assert_eq!(found, expected, "{}", text),
                    None => {
                        let end = (after.as_second().div_euclid(86_400) + horizon) * 86_400;
                        prop_assert!(found.is_none_or(|found| found >= end), "{}", text);
                    }
                }
            }
        }
    }
}
