use super::*;
use proptest::prelude::*;

const ZONES: [&str; 8] = [
    "UTC",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Europe/Paris",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/St_Johns",
];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange {
        from: at(from),
        to: at(to),
    }
}

fn hours(buckets: &Buckets) -> Vec<f64> {
    let ends = buckets.starts.iter().skip(1).chain([&buckets.end]);
    let lengths = buckets
        .starts
        .iter()
        .zip(ends)
        .map(|(start, end)| end.duration_since(*start).as_secs_f64() / 3600.0);
    lengths.collect()
}

#[test]
fn days_have_23_24_and_25_hours() {
    let paris = zone("Europe/Paris");
    let spring = Buckets::of(
        range("2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z"),
        Interval::Day,
        &paris,
        1,
    )
    .unwrap();
    assert_eq!(hours(&spring), [24.0, 23.0, 24.0]);
    let autumn = Buckets::of(
        range("2026-10-23T22:00:00Z", "2026-10-26T23:00:00Z"),
        Interval::Day,
        &paris,
        1,
    )
    .unwrap();
    assert_eq!(hours(&autumn), [24.0, 25.0, 24.0]);
    assert!((0..3).all(|bucket| !autumn.is_partial(bucket)));
    let hourly = Buckets::of(
        range("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
        Interval::Hour,
        &paris,
        1,
    )
    .unwrap();
    assert_eq!(hours(&hourly), [1.0; 25]);
}

#[test]
fn a_clock_that_changes_by_half_an_hour_makes_an_hour_of_half_the_length() {
    let island = zone("Australia/Lord_Howe");
    let spring = Buckets::of(
        range("2026-10-03T14:30:00Z", "2026-10-03T17:00:00Z"),
        Interval::Hour,
        &island,
        1,
    )
    .unwrap();
    // 01:00 to 02:00 at +10:30; then the clock shows 02:30, at +11.
    assert_eq!(
        spring.starts,
        [
            at("2026-10-03T14:30:00Z"),
            at("2026-10-03T15:30:00Z"),
            at("2026-10-03T16:00:00Z")
        ]
    );
    let within = Buckets::of(
        range("2026-10-03T15:45:00Z", "2026-10-03T15:50:00Z"),
        Interval::Hour,
        &island,
        1,
    )
    .unwrap();
    assert_eq!(
        (within.starts, within.end),
        (vec![at("2026-10-03T15:30:00Z")], at("2026-10-03T16:00:00Z"))
    );
}

#[test]
fn hours_begin_with_those_of_the_zones_clock() {
    let buckets = Buckets::of(
        range("2026-11-02T10:00:00Z", "2026-11-02T11:15:00Z"),
        Interval::Hour,
        &zone("Asia/Kathmandu"),
        1,
    )
    .unwrap();
    // 15:45 to 17:00.
    assert_eq!(
        buckets.starts,
        [at("2026-11-02T09:15:00Z"), at("2026-11-02T10:15:00Z")]
    );
    assert_eq!(
        buckets.edges,
        [
            at("2026-11-02T10:00:00Z"),
            at("2026-11-02T10:15:00Z"),
            at("2026-11-02T11:15:00Z")
        ]
    );
    assert!(buckets.is_partial(0) && !buckets.is_partial(1));
}

#[test]
fn weeks_begin_on_mondays_and_months_on_their_first_day() {
    let paris = zone("Europe/Paris");
    let days = range("2026-10-28T10:00:00Z", "2026-11-17T10:00:00Z");
    let weeks = Buckets::of(days, Interval::Week, &paris, 1).unwrap();
    let mondays = [
        "2026-10-25T23:00:00Z",
        "2026-11-01T23:00:00Z",
        "2026-11-08T23:00:00Z",
        "2026-11-15T23:00:00Z",
    ];
    assert_eq!(weeks.starts, mondays.map(at));
    assert_eq!(
        (weeks.is_partial(0), weeks.is_partial(1), weeks.is_partial(3)),
        (true, false, true)
    );
    let months = Buckets::of(days, Interval::Month, &paris, 1).unwrap();
    assert_eq!(
        months.starts,
        ["2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"].map(at)
    );
    assert_eq!(months.end, at("2026-11-30T23:00:00Z"));
}

#[test]
fn a_day_that_a_zone_left_out_is_none() {
    let samoa = zone("Pacific/Apia");
    let buckets = Buckets::of(
        range("2011-12-29T10:00:00Z", "2012-01-01T10:00:00Z"),
        Interval::Day,
        &samoa,
        1,
    )
    .unwrap();
    assert_eq!(
        buckets.starts,
        [
            "2011-12-29T10:00:00Z",
            "2011-12-30T10:00:00Z",
            "2011-12-31T10:00:00Z"
        ]
        .map(at)
    );
}

#[test]
fn too_many_are_a_fault_that_names_the_limit() {
    let year = range("2025-11-02T00:00:00Z", "2026-11-02T00:00:00Z");
    assert_eq!(
        Buckets::of(year, Interval::Hour, &TimeZone::UTC, 1)
            .unwrap()
            .len(),
        8760
    );
    assert_eq!(
        Buckets::of(year, Interval::Day, &TimeZone::UTC, 11)
            .unwrap()
            .len(),
        365
    );
    let Faults(faults) = Buckets::of(year, Interval::Hour, &TimeZone::UTC, 2).unwrap_err();
    assert_eq!(faults[0].pointer, "?interval");
    assert!(faults[0].detail.contains("10000"), "{}", faults[0].detail);
}

proptest! {
    #[test]
    fn buckets_make_the_range_and_hold_what_the_clock_says(
        from in 1_000_000_000_000_000i64..1_900_000_000_000_000,
        length in 1i64..40_000_000_000_000,
        place in 0.0f64..1.0,
        name in prop::sample::select(&ZONES[..]),
        interval in prop::sample::select(Interval::ALL),
    ) {
        let length = if interval == Interval::Hour { length / 100 + 1 } else { length };
        let range = TimeRange { from: from_micros(from), to: from_micros(from + length) };
        let zone = zone(name);
        let buckets = Buckets::of(range, interval, &zone, 1).unwrap();
        prop_assert_eq!((buckets.edges[0], buckets.edges[buckets.len()]), (range.from, range.to));
        prop_assert!(buckets.edges.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(buckets.starts.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(buckets.starts[0] <= range.from && buckets.end >= range.to);
        // A moment is in the bucket of the hour, day, week or month that the clock and the calendar show.
        let moment = from_micros(from + (length as f64 * place) as i64);
        let bucket = buckets.edges.partition_point(|edge| *edge <= moment) - 1;
        let shown = |at: Timestamp| at.to_zoned(zone.clone());
        let (start, moment) = (shown(buckets.starts[bucket]), shown(moment));
        let same = match interval {
            Interval::Hour => (start.date(), start.hour()) == (moment.date(), moment.hour()),
            Interval::Day => start.date() == moment.date(),
            Interval::Week => start.date().iso_week_date().week() == moment.date().iso_week_date().week(),
            Interval::Month => (start.year(), start.month()) == (moment.year(), moment.month()),
        };
        prop_assert!(same, "{moment} in the bucket of {start}");
    }
}

#[test]
fn days_are_as_the_calendar_lists_them() {
    let long = range("2026-01-01T12:00:00Z", "2036-01-01T12:00:00Z");
    assert_eq!(Buckets::days(long, &TimeZone::UTC).len(), 3653);
    let nothing = range("2026-01-01T12:00:00Z", "2026-01-01T12:00:00Z");
    assert!(Buckets::days(nothing, &TimeZone::UTC).is_empty());
}
