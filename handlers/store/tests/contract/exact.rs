//! Numbers counted one record at a time, with exact percentiles: what the rollups are compared with.

use domain::analytics::{FeedbackRollup, Figures, InteractionRollup, LatencyFigures, StatsFilter};
use domain::feedback::{Feedback, SentimentLabel, Thumb};
use domain::interactions::{Interaction, Status};
use std::collections::BTreeMap;
use std::fmt::Debug;
use store::{FeedbackNumbers, InteractionNumbers, NumbersQuery};

pub(crate) fn passes(filter: &StatsFilter, turn: &Interaction) -> bool {
    filter.kind.is_none_or(|kind| kind == turn.kind)
        && (filter.model.is_none() || filter.model == turn.model)
        && (filter.channel.is_none() || filter.channel == turn.channel)
}

/// Compares the answer with the same turns counted one by one.
pub(crate) fn check_interactions(answer: &InteractionNumbers, turns: &[Interaction], query: &NumbersQuery) {
    let range = query.range;
    let counted: Vec<_> = turns
        .iter()
        .filter(|turn| range.from <= turn.started_at && turn.started_at < range.to)
        .filter(|turn| passes(&query.filter, turn))
        .collect();
    check_rollup("total", &answer.total, &counted);
    let by = |key: &dyn Fn(&Interaction) -> String| grouped(&counted, |turn| key(turn));
    check_groups(
        "type",
        &answer.by_type,
        &by(&|turn| turn.kind.as_str().to_owned()),
    );
    check_groups(
        "model",
        &answer.by_model,
        &by(&|turn| turn.model.clone().unwrap_or_default()),
    );
    assert!(
        answer.by_type.is_sorted_by(|a, b| a.1.total >= b.1.total),
        "types: most first"
    );
    assert!(
        answer.by_model.is_sorted_by(|a, b| a.1.total >= b.1.total),
        "models: most first"
    );
    check_groups("day", &answer.by_day, &grouped(&counted, |turn| day(turn, query)));
    assert!(answer.by_day.is_sorted_by(|a, b| a.0 < b.0), "days are in order");
}

fn day(turn: &Interaction, query: &NumbersQuery) -> jiff::civil::Date {
    turn.started_at.to_zoned(query.zone.clone()).date()
}

fn grouped<'a, T, K: Ord>(records: &[&'a T], key: impl Fn(&T) -> K) -> BTreeMap<K, Vec<&'a T>> {
    let mut groups: BTreeMap<K, Vec<&T>> = BTreeMap::new();
    for record in records {
        groups.entry(key(record)).or_default().push(record);
    }
    groups
}

fn check_groups<K: Ord + Debug>(
    what: &str,
    answer: &[(K, InteractionRollup)],
    expected: &BTreeMap<K, Vec<&Interaction>>,
) {
    let mut keys: Vec<_> = answer.iter().map(|(key, _)| key).collect();
    keys.sort();
    assert_eq!(keys, expected.keys().collect::<Vec<_>>(), "by {what}");
    for (key, rollup) in answer {
        check_rollup(&format!("{what} {key:?}"), rollup, &expected[key]);
    }
}

pub(crate) fn check_rollup(what: &str, rollup: &InteractionRollup, turns: &[&Interaction]) {
    let count = |status| turns.iter().filter(|turn| turn.status == status).count() as i64;
    let counts = (rollup.total, rollup.succeeded, rollup.failed, rollup.pending);
    let (succeeded, failed) = (count(Status::Succeeded), count(Status::Failed));
    let expected = (turns.len() as i64, succeeded, failed, count(Status::Pending));
    assert_eq!(counts, expected, "total, succeeded, failed, pending of {what}");
    let sum = |value: fn(&Interaction) -> Option<u64>| {
        let known: Vec<i64> = turns
            .iter()
            .filter_map(|turn| value(turn))
            .map(|v| v as i64)
            .collect();
        (known.len() as i64, known.iter().sum::<i64>())
    };
    for (name, rolled, value) in [
        ("tokens_input", rollup.tokens_input, sum(|turn| turn.tokens_input)),
        (
            "tokens_output",
            rollup.tokens_output,
            sum(|turn| turn.tokens_output),
        ),
        (
            "tokens_cached",
            rollup.tokens_cached,
            sum(|turn| turn.tokens_cached),
        ),
        ("cost_micros", rollup.cost_micros, sum(|turn| turn.cost_micros)),
    ] {
        assert_eq!((rolled.count, rolled.sum), value, "{name} of {what}");
    }
    let figures = Figures::from(rollup);
    let millis =
        |value: fn(&Interaction) -> Option<f64>| turns.iter().filter_map(|turn| value(turn)).collect();
    check_latency(
        what,
        &figures.duration_ms,
        rollup.duration.micros.count,
        millis(|turn| turn.duration_ms),
    );
    let first = (
        &figures.time_to_first_token_ms,
        rollup.time_to_first_token.micros.count,
    );
    check_latency(what, first.0, first.1, millis(|turn| turn.time_to_first_token_ms));
}

fn check_latency(what: &str, given: &LatencyFigures, count: i64, mut exact: Vec<f64>) {
    exact.sort_by(f64::total_cmp);
    assert_eq!(count, exact.len() as i64, "known durations of {what}");
    let micros: i64 = exact.iter().map(|millis| (millis * 1000.0).round() as i64).sum();
    let mean = (count > 0).then(|| micros as f64 / count as f64 / 1000.0);
    assert_eq!(given.mean, mean, "mean of {what}");
    for (q, given) in [
        (0.5, given.p50),
        (0.9, given.p90),
        (0.95, given.p95),
        (0.99, given.p99),
    ] {
        let rank = (q * exact.len() as f64).ceil() as usize;
        let nearest = exact.get(rank.max(1) - 1).copied();
        match (given, nearest) {
            // Half a microsecond is taken for nothing.
            (Some(given), Some(exact)) => assert!(
                (given - exact).abs() <= 0.02 * exact + 0.000_5,
                "p{q} of {what}: {given} for {exact}"
            ),
            (given, exact) => assert_eq!(given, exact, "p{q} of {what}"),
        }
    }
}

/// Compares the answer with the same feedback counted one by one.
pub(crate) fn check_feedback(
    answer: &FeedbackNumbers,
    turns: &[Interaction],
    feedback: &[Feedback],
    query: &NumbersQuery,
) {
    let turn_of = |feedback: &Feedback| {
        turns
            .iter()
            .find(|turn| turn.id == feedback.interaction_id)
            .unwrap()
    };
    let range = query.range;
    let counted: Vec<_> = feedback
        .iter()
        .filter(|feedback| range.from <= feedback.created_at && feedback.created_at < range.to)
        .filter(|feedback| passes(&query.filter, turn_of(feedback)))
        .collect();
    assert_eq!(answer.total, roll_up(&counted), "feedback in total");
    let category = |feedback: &Feedback| {
        feedback
            .category
            .map_or("", |category| category.as_str())
            .to_owned()
    };
    let kind = |feedback: &Feedback| turn_of(feedback).kind.as_str().to_owned();
    let model = |feedback: &Feedback| turn_of(feedback).model.clone().unwrap_or_default();
    for (what, answer, expected) in [
        ("category", &answer.by_category, grouped(&counted, category)),
        ("type", &answer.by_type, grouped(&counted, kind)),
        ("model", &answer.by_model, grouped(&counted, model)),
    ] {
        assert!(
            answer.is_sorted_by(|a, b| a.1.total >= b.1.total),
            "by {what}: most first"
        );
        let answer: BTreeMap<_, _> = answer.iter().cloned().collect();
        let expected: BTreeMap<_, _> = expected
            .into_iter()
            .map(|(key, group)| (key, roll_up(&group)))
            .collect();
        assert_eq!(answer, expected, "feedback by {what}");
    }
    let mut said: Vec<_> = counted
        .iter()
        .filter(|feedback| feedback.comment.is_some())
        .collect();
    said.sort_by_key(|feedback| std::cmp::Reverse((feedback.created_at, feedback.id)));
    let latest: Vec<Feedback> = said
        .iter()
        .take(10)
        .map(|feedback| (**feedback).clone())
        .collect();
    assert_eq!(answer.latest_comments, latest, "latest comments");
}

pub(crate) fn roll_up(feedback: &[&Feedback]) -> FeedbackRollup {
    let count =
        |is: &dyn Fn(&Feedback) -> bool| feedback.iter().filter(|feedback| is(feedback)).count() as i64;
    let tone = |label: SentimentLabel| {
        count(&|feedback| {
            feedback
                .sentiment
                .as_ref()
                .is_some_and(|tone| tone.label == label)
        })
    };
    FeedbackRollup {
        total: feedback.len() as i64,
        ratings: [1, 2, 3, 4, 5].map(|rating| count(&|feedback| feedback.rating == Some(rating))),
        thumbs_up: count(&|feedback| feedback.thumb == Some(Thumb::Up)),
        thumbs_down: count(&|feedback| feedback.thumb == Some(Thumb::Down)),
        sentiment: [
            tone(SentimentLabel::Positive),
            tone(SentimentLabel::Neutral),
            tone(SentimentLabel::Negative),
            tone(SentimentLabel::Unknown),
        ],
    }
}
