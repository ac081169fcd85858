//! Numbers over time, case by case, and how any are compared with a count one by one. At random: `random_analytics`.

use super::analytics::query;
use super::builders::{BuildFeedback, BuildTurn, at, opinion, put, say, turn};
use super::exact::{check_rollup, passes, roll_up};
use super::on_each_store;
use domain::analytics::errors::Failures;
use domain::analytics::series::{Buckets, Grouped, Interval};
use domain::analytics::{Dimension, FeedbackRollup, InteractionRollup, Part, StatsFilter};
use domain::feedback::Feedback;
use domain::interactions::{Interaction, InteractionType, Status};
use jiff::Timestamp;
use std::collections::BTreeMap;
use store::{NumbersQuery, SeriesQuery, Store, StoreError};

/// The same question over time, all parts of it.
pub(crate) fn over_time(
    query: &NumbersQuery,
    interval: Interval,
    group_by: Option<Dimension>,
) -> SeriesQuery {
    SeriesQuery {
        edges: Buckets::of(query.range, interval, &query.zone, 1).unwrap().edges,
        filter: query.filter.clone(),
        group_by,
        parts: Part::ALL,
    }
}

/// The answer to one question.
pub(crate) async fn turns_over_time(
    store: &dyn Store,
    query: SeriesQuery,
) -> Result<Grouped<InteractionRollup>, StoreError> {
    let answers = store.interaction_series(vec![query]).await?;
    assert_eq!(answers.len(), 1);
    Ok(answers.into_iter().next().unwrap())
}

/// The answer to one question.
pub(crate) async fn feedback_over_time(
    store: &dyn Store,
    query: SeriesQuery,
) -> Result<Grouped<FeedbackRollup>, StoreError> {
    let answers = store.feedback_series(vec![query]).await?;
    assert_eq!(answers.len(), 1);
    Ok(answers.into_iter().next().unwrap())
}

fn value(turn: &Interaction, dimension: Option<Dimension>) -> String {
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    match dimension {
        None | Some(Dimension::Category | Dimension::Currency) => String::new(),
        Some(Dimension::Type) => turn.kind.as_str().to_owned(),
        Some(Dimension::Model) => name(&turn.model),
        Some(Dimension::Provider) => name(&turn.provider),
        Some(Dimension::Channel) => name(&turn.channel),
        Some(Dimension::Locale) => name(&turn.locale),
        Some(Dimension::PromptVersion) => name(&turn.prompt_version),
    }
}

/// Records by group and bucket: one look at each.
fn grouped<'a, T>(
    records: &'a [T],
    query: &SeriesQuery,
    time: impl Fn(&T) -> Timestamp,
    group: impl Fn(&T) -> Option<String>,
) -> BTreeMap<(String, usize), Vec<&'a T>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for record in records {
        let buckets = query.edges.windows(2);
        let bucket = buckets
            .clone()
            .position(|edge| edge[0] <= time(record) && time(record) < edge[1]);
        if let Some((bucket, group)) = bucket.zip(group(record)) {
            groups.entry((group, bucket)).or_default().push(record);
        }
    }
    groups
}

fn flat<R>(answer: &Grouped<R>) -> BTreeMap<(String, usize), &R> {
    let points = answer.iter().flat_map(|(name, points)| {
        points
            .iter()
            .map(move |(bucket, rollup)| ((name.clone(), *bucket), rollup))
    });
    points.collect()
}

pub(crate) fn check_turns_over_time(
    answer: &Grouped<InteractionRollup>,
    turns: &[Interaction],
    query: &SeriesQuery,
) {
    let group = |turn: &Interaction| passes(&query.filter, turn).then(|| value(turn, query.group_by));
    let expected = grouped(turns, query, |turn| turn.started_at, group);
    let answer = flat(answer);
    assert_eq!(
        answer.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>(),
        "groups and buckets"
    );
    for (place, rollup) in answer {
        check_rollup(&format!("{place:?}"), rollup, &expected[&place]);
    }
}

pub(crate) fn check_feedback_over_time(
    answer: &Grouped<FeedbackRollup>,
    turns: &[Interaction],
    feedback: &[Feedback],
    query: &SeriesQuery,
) {
    let group = |feedback: &Feedback| {
        let turn = turns
            .iter()
            .find(|turn| turn.id == feedback.interaction_id)
            .unwrap();
        let category = feedback
            .category
            .map_or("", |category| category.as_str())
            .to_owned();
        passes(&query.filter, turn).then(|| match query.group_by {
            Some(Dimension::Category) => category,
            by => value(turn, by),
        })
    };
    let expected = grouped(feedback, query, |feedback| feedback.created_at, group);
    let expected: BTreeMap<_, _> = expected
        .into_iter()
        .map(|(place, group)| (place, roll_up(&group)))
        .collect();
    let answer: BTreeMap<_, _> = flat(answer)
        .into_iter()
        .map(|(place, rollup)| (place, *rollup))
        .collect();
    assert_eq!(answer, expected, "feedback over time");
}

#[tokio::test]
async fn only_what_is_asked_for_is_read() {
    on_each_store("UTC", async |store| {
        put(
            &*store,
            [turn(1).took(100.0).tokens_in(5).cost(7).status(Status::Failed)],
        )
        .await;
        let day = query("2026-11-01T00:00:00Z", "2026-11-03T00:00:00Z", "UTC");
        for (parts, durations, tokens, cost) in [
            (&[][..], 0, 0, 0),
            (&[Part::Duration][..], 1, 0, 0),
            (&[Part::TokensInput, Part::Cost][..], 0, 1, 1),
        ] {
            let asked = SeriesQuery {
                parts,
                ..over_time(&day, Interval::Day, None)
            };
            let answer = turns_over_time(&*store, asked).await.unwrap();
            let rollup = &answer[""][&1];
            assert_eq!((rollup.total, rollup.failed), (1, 1));
            assert_eq!(
                rollup.duration.histogram.quantile(0.5).is_some(),
                durations == 1,
                "{parts:?}"
            );
            let read = (
                rollup.duration.micros.count,
                rollup.tokens_input.count,
                rollup.cost_micros.count,
            );
            assert_eq!(read, (durations, tokens, cost), "{parts:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_no_grouping_holds_is_refused() {
    on_each_store("UTC", async |store| {
        let filter = StatsFilter {
            model: Some("m".to_owned()),
            ..StatsFilter::default()
        };
        let day = NumbersQuery {
            filter,
            ..query("00:00:00", "2026-11-03T00:00:00Z", "UTC")
        };
        let asked = over_time(&day, Interval::Day, Some(Dimension::Locale));
        let error = turns_over_time(&*store, asked.clone()).await.unwrap_err();
        assert!(matches!(error, StoreError::Broken(_)), "{error}");
        assert!(feedback_over_time(&*store, asked).await.is_err());
    })
    .await;
}

/// What retention removed is not known by provider, locale and prompt version any longer, but stays counted; so does what is
/// still there.
#[tokio::test]
async fn removed_turns_stay_in_every_series() {
    on_each_store("Asia/Kolkata", async |store| {
        let turns = [1, 2, 3].map(|number| {
            let day = format!("2026-11-0{number}T10:00:00Z");
            turn(number)
                .at(&day)
                .model("m")
                .provider("p")
                .locale("fr")
                .kind(InteractionType::Search)
        });
        put(&*store, turns.clone()).await;
        let opinions = [1, 2, 3].map(|number| {
            opinion(number, number)
                .at(&format!("2026-11-0{number}T12:00:00Z"))
                .rating(number as u8)
        });
        say(&*store, opinions.clone()).await;
        let days = query("2026-11-01T00:00:00Z", "2026-11-04T00:00:00Z", "UTC");
        let removed = store
            .remove_interactions_before(at("2026-11-02T23:00:00Z"))
            .await
            .unwrap();
        assert_eq!(removed.interactions, 2);
        let by_orders = |by: &Option<Dimension>| *by == Some(Dimension::Currency);
        let all = Dimension::ALL.iter().copied().map(Some).chain([None]);
        for by in all.filter(|by| !by_orders(by)) {
            let asked = over_time(&days, Interval::Day, by);
            if by != Some(Dimension::Category) {
                let answer = turns_over_time(&*store, asked.clone()).await.unwrap();
                check_turns_over_time(&answer, &turns, &asked);
            }
            let answer = feedback_over_time(&*store, asked.clone()).await.unwrap();
            check_feedback_over_time(&answer, &turns, &opinions, &asked);
        }
    })
    .await;
}

#[tokio::test]
async fn failures_are_counted_by_type_of_error_model_and_bucket() {
    on_each_store("UTC", async |store| {
        let failed = |number: u128, time: &str, error: &str| Interaction {
            error_type: Some(error.to_owned()).filter(|error| !error.is_empty()),
            ..turn(number).at(time).status(Status::Failed)
        };
        put(
            &*store,
            [
                failed(1, "10:00:00", "timeout").model("m"),
                failed(2, "10:59:59.999999", "timeout").model("m"),
                failed(3, "11:00:00", "timeout").model("m"),
                failed(4, "11:00:00", "Timeout").model("m"),
                failed(5, "11:30:00", "").kind(InteractionType::Search),
                failed(6, "09:59:59.999999", "timeout").model("m"),
                failed(7, "12:00:00", "timeout").model("m"),
                turn(8).status(Status::Succeeded),
            ],
        )
        .await;
        let asked = |kind| SeriesQuery {
            edges: ["10:00:00", "11:00:00", "12:00:00"].map(at).to_vec(),
            filter: StatsFilter {
                kind,
                ..StatsFilter::default()
            },
            group_by: None,
            parts: &[],
        };
        let failures =
            |error: &str, model: &str, counts: &[(usize, i64)], seen: &[(usize, &str, &str)]| Failures {
                error_type: error.to_owned(),
                model: model.to_owned(),
                counts: counts.iter().copied().collect(),
                seen: seen
                    .iter()
                    .map(|(bucket, first, last)| (*bucket, (at(first), at(last))))
                    .collect(),
            };
        let unknown = failures("", "", &[(1, 1)], &[(1, "11:30:00", "11:30:00")]);
        let expected = [
            unknown.clone(),
            failures("Timeout", "m", &[(1, 1)], &[(1, "11:00:00", "11:00:00")]),
            failures(
                "timeout",
                "m",
                &[(0, 2), (1, 1)],
                &[(0, "10:00:00", "10:59:59.999999"), (1, "11:00:00", "11:00:00")],
            ),
        ];
        assert_eq!(store.failures(asked(None)).await.unwrap(), expected);
        let searches = store.failures(asked(Some(InteractionType::Search))).await;
        assert_eq!(searches.unwrap(), [unknown]);
    })
    .await;
}
