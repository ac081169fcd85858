//! Numbers of turns, case by case. Everything at random: `random_analytics`.

use super::builders::{BuildTurn, at, put, turn};
use super::on_each_store;
use domain::analytics::{InteractionRollup, StatsFilter, TimeRange};
use domain::interactions::{Interaction, InteractionType, Status};
use jiff::civil::date;
use jiff::tz::TimeZone;
use store::{InteractionNumbers, NumbersQuery, Store};

/// A query about `from..to` by the days of `zone`.
pub(crate) fn query(from: &str, to: &str, zone: &str) -> NumbersQuery {
    NumbersQuery {
        range: TimeRange {
            from: at(from),
            to: at(to),
        },
        zone: TimeZone::get(zone).unwrap(),
        filter: StatsFilter::default(),
    }
}

/// A query about the second of November.
pub(crate) fn that_day() -> NumbersQuery {
    query("00:00:00", "2026-11-03T00:00:00Z", "UTC")
}

pub(crate) async fn numbers(store: &dyn Store, query: &NumbersQuery) -> InteractionNumbers {
    store.interaction_numbers(query.clone()).await.unwrap()
}

pub(crate) fn totals<K: Clone>(groups: &[(K, InteractionRollup)]) -> Vec<(K, i64)> {
    groups
        .iter()
        .map(|(key, rollup)| (key.clone(), rollup.total))
        .collect()
}

#[tokio::test]
async fn nothing_is_counted_as_nothing() {
    on_each_store("UTC", async |store| {
        assert_eq!(numbers(&*store, &that_day()).await, InteractionNumbers::default());
        put(&*store, [turn(1)]).await;
        let empty = query("10:00:00", "10:00:00", "UTC");
        assert_eq!(numbers(&*store, &empty).await, InteractionNumbers::default());
        let only = numbers(&*store, &that_day()).await;
        assert_eq!(only.total.total, 1);
        assert_eq!(
            only.total.cost_micros.known(),
            None,
            "what no turn knows is not 0"
        );
        assert_eq!(only.total.duration.histogram.quantile(0.5), None);
    })
    .await;
}

/// The groups that the contract promises, and what stands for an unknown model.
#[tokio::test]
async fn turns_are_counted_by_type_model_and_day() {
    on_each_store("UTC", async |store| {
        let custom = |number| turn(number).kind(InteractionType::Custom);
        put(
            &*store,
            [
                turn(1)
                    .at("2026-11-01T23:59:59.999999Z")
                    .model("m")
                    .took(100.0)
                    .cost(0),
                custom(2)
                    .at("2026-11-02T00:00:00Z")
                    .model("n")
                    .status(Status::Failed),
                custom(3)
                    .at("2026-11-02T23:59:59.999999Z")
                    .model("m")
                    .status(Status::Succeeded),
                custom(4).at("2026-11-04T12:00:00Z").cost(7),
            ],
        )
        .await;
        let got = numbers(
            &*store,
            &query("2026-11-01T00:00:00Z", "2026-11-05T00:00:00Z", "UTC"),
        )
        .await;
        assert_eq!(totals(&got.by_type), [("custom".into(), 3), ("chat".into(), 1)]);
        assert_eq!(got.by_model[0].0, "m");
        let mut models = totals(&got.by_model);
        models.sort();
        assert_eq!(models, [("".into(), 1), ("m".into(), 2), ("n".into(), 1)]);
        let days = [
            (date(2026, 11, 1), 1),
            (date(2026, 11, 2), 2),
            (date(2026, 11, 4), 1),
        ];
        assert_eq!(totals(&got.by_day), days, "a day without turns is left out");
        assert_eq!(
            (got.total.failed, got.total.succeeded, got.total.pending),
            (1, 1, 2)
        );
        assert_eq!((got.total.cost_micros.count, got.total.cost_micros.sum), (2, 7));
        assert_eq!(
            (got.total.duration.micros.count, got.total.duration.micros.sum),
            (1, 100_000)
        );
    })
    .await;
}

/// Numbers include every write that was durable before the call: each kind of write makes its quarter dirty.
#[tokio::test]
async fn numbers_follow_every_write() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1).model("a")]).await;
        assert_eq!(
            totals(&numbers(&*store, &that_day()).await.by_model),
            [("a".into(), 1)]
        );
        put(
            &*store,
            [
                turn(2).model("a").at("10:14:59"),
                turn(3).model("a").at("2026-11-02T00:00:00Z"),
            ],
        )
        .await;
        assert_eq!(numbers(&*store, &that_day()).await.total.total, 3);
        let done = turn(1).model("b").status(Status::Failed).took(5.0).cost(8);
        let update = Interaction { version: 2, ..done };
        store.update_interaction(update, 1).await.unwrap();
        let got = numbers(&*store, &that_day()).await;
        assert_eq!(totals(&got.by_model), [("a".into(), 2), ("b".into(), 1)]);
        assert_eq!(
            (got.total.failed, got.total.pending, got.total.cost_micros.sum),
            (1, 2, 8)
        );
        store
            .create_interactions(vec![turn(2), turn(3).supplied(99)])
            .await
            .unwrap();
        assert_eq!(
            numbers(&*store, &that_day()).await,
            got,
            "repeats and conflicts count nothing"
        );
        assert_eq!(numbers(&*store, &that_day()).await, got, "asking changes nothing");
    })
    .await;
}

#[tokio::test]
async fn filters_hold_together_and_letter_for_letter() {
    on_each_store("UTC", async |store| {
        let chat = |number| turn(number).model("m").channel("web");
        put(
            &*store,
            [
                chat(1),
                chat(2).kind(InteractionType::Search),
                chat(3).model("M"),
                chat(4).channel("Web"),
                turn(5),
            ],
        )
        .await;
        let text = |value: &str| Some(value.to_owned());
        let (kind, model, channel) = (Some(InteractionType::Chat), text("m"), text("web"));
        for (filter, count) in [
            (
                StatsFilter {
                    kind,
                    ..StatsFilter::default()
                },
                4,
            ),
            (
                StatsFilter {
                    model: model.clone(),
                    ..StatsFilter::default()
                },
                3,
            ),
            (
                StatsFilter {
                    channel: channel.clone(),
                    ..StatsFilter::default()
                },
                3,
            ),
            (
                StatsFilter {
                    kind,
                    model: model.clone(),
                    channel: None,
                    prompt_version: None,
                },
                2,
            ),
            (
                StatsFilter {
                    kind,
                    model,
                    channel,
                    prompt_version: None,
                },
                1,
            ),
            (
                StatsFilter {
                    model: text("none"),
                    ..StatsFilter::default()
                },
                0,
            ),
        ] {
            let query = NumbersQuery { filter, ..that_day() };
            let got = numbers(&*store, &query).await;
            assert_eq!(got.total.total, count, "{:?}", query.filter);
            for groups in [&got.by_type, &got.by_model] {
                assert_eq!(groups.iter().map(|group| group.1.total).sum::<i64>(), count);
            }
        }
    })
    .await;
}
