//! Where ranges begin and end, and which day a turn belongs to.

use super::analytics::{numbers, that_day, totals};
use super::builders::{BuildTurn, at, later, put, turn};
use super::on_each_store;
use domain::analytics::{StatsFilter, TimeRange};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use store::NumbersQuery;

#[tokio::test]
async fn a_range_takes_its_start_and_leaves_its_end() {
    on_each_store("Asia/Kolkata", async |store| {
        let from = at("2026-11-02T10:07:31.000001Z");
        let times = [-1, 0, 1, 600_000_000, 86_400_000_000];
        put(
            &*store,
            (0..)
                .zip(times)
                .map(|(number, micros)| turn(number).moment(later(from, micros))),
        )
        .await;
        for (length, count) in [
            (0, 0),
            (1, 1),
            (2, 2),
            (600_000_000, 2),
            (600_000_001, 3),
            (86_400_000_001, 4),
        ] {
            let range = TimeRange {
                from,
                to: later(from, length),
            };
            let query = NumbersQuery { range, ..that_day() };
            assert_eq!(
                numbers(&*store, &query).await.total.total,
                count,
                "{length} microseconds"
            );
        }
    })
    .await;
}

/// Every turn at the noon of no day: one an hour for four days, by days of zones and their long and short days.
#[tokio::test]
async fn days_are_those_of_the_asked_zone() {
    let cases: [(&str, Date, &str, [i64; 3]); 6] = [
        ("UTC", date(2026, 11, 2), "2026-11-01T00:00:00Z", [24, 24, 24]),
        (
            "Asia/Kolkata",
            date(2026, 11, 2),
            "2026-10-31T18:30:00Z",
            [24, 24, 24],
        ),
        (
            "Europe/Paris",
            date(2026, 3, 29),
            "2026-03-27T23:00:00Z",
            [24, 23, 24],
        ),
        (
            "Europe/Paris",
            date(2026, 10, 25),
            "2026-10-23T22:00:00Z",
            [24, 25, 24],
        ),
        (
            "America/Sao_Paulo",
            date(2018, 11, 4),
            "2018-11-03T03:00:00Z",
            [24, 23, 24],
        ),
        (
            "Australia/Lord_Howe",
            date(2026, 10, 4),
            "2026-10-02T13:30:00Z",
            [48, 47, 48],
        ),
    ];
    for shop in ["UTC", "Europe/Paris", "Australia/Lord_Howe"] {
        on_each_store(shop, async |store| {
            let mut number = 0;
            for (zone, middle, start, lengths) in cases {
                let spacing = if lengths[0] == 48 { 30 } else { 60 };
                let total: i64 = lengths.iter().sum();
                // A channel of its own keeps each case apart from the others.
                let channel = format!("{zone} {middle}");
                let turns: Vec<_> = (0..total)
                    .map(|step| {
                        number += 1;
                        turn(number)
                            .channel(&channel)
                            .moment(later(at(start), step * spacing * 60_000_000))
                    })
                    .collect();
                let end = later(at(start), total * spacing * 60_000_000);
                put(&*store, turns).await;
                let range = TimeRange {
                    from: at(start),
                    to: end,
                };
                let filter = StatsFilter {
                    channel: Some(channel),
                    ..StatsFilter::default()
                };
                let query = NumbersQuery {
                    range,
                    zone: TimeZone::get(zone).unwrap(),
                    filter,
                };
                let days = [middle.yesterday().unwrap(), middle, middle.tomorrow().unwrap()];
                let expected: Vec<_> = days.into_iter().zip(lengths).collect();
                let got = numbers(&*store, &query).await;
                assert_eq!(totals(&got.by_day), expected, "{zone} in a shop of {shop}");
            }
        })
        .await;
    }
}
