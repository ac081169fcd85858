//! Numbers of feedback, case by case. Everything at random: `random_analytics`.

use super::analytics::that_day;
use super::builders::{BuildFeedback, BuildTurn, at, numbers, opinion, put, say, turn};
use super::on_each_store;
use domain::analytics::{CommonTerms, FeedbackRollup, StatsFilter};
use domain::feedback::{Category, Feedback};
use domain::interactions::{Interaction, InteractionType};
use store::{FeedbackNumbers, NumbersQuery, Store, UpdateOutcome};

async fn asked(store: &dyn Store, query: &NumbersQuery) -> FeedbackNumbers {
    store.feedback_numbers(query.clone()).await.unwrap()
}

fn totals(groups: &[(String, FeedbackRollup)]) -> Vec<(&str, i64)> {
    groups
        .iter()
        .map(|(key, rollup)| (key.as_str(), rollup.total))
        .collect()
}

#[tokio::test]
async fn feedback_is_counted_by_category_type_and_model() {
    on_each_store("Europe/Paris", async |store| {
        let nothing = FeedbackNumbers {
            common: CommonTerms::of(&[], true),
            ..FeedbackNumbers::default()
        };
        assert_eq!(asked(&*store, &that_day()).await, nothing);
        let search = turn(2)
            .kind(InteractionType::Search)
            .model("m")
            .at("2026-10-01T00:00:00Z");
        put(&*store, [turn(1), search]).await;
        say(
            &*store,
            [
                opinion(10, 1).rating(5).category(Category::Tone),
                opinion(11, 2).rating(1).said("no").category(Category::Tone),
                Feedback {
                    thumb: None,
                    ..opinion(12, 2).said("so so").toned(0.0)
                },
                opinion(13, 1).at("2026-11-03T00:00:00Z"),
            ],
        )
        .await;
        let got = asked(&*store, &that_day()).await;
        let total = FeedbackRollup {
            total: 3,
            ratings: [1, 0, 0, 0, 1],
            thumbs_up: 2,
            thumbs_down: 0,
            sentiment: [0, 1, 0, 0],
        };
        assert_eq!(got.total, total, "by its own time, not by that of its turn");
        assert_eq!(totals(&got.by_category), [("tone", 2), ("", 1)]);
        assert_eq!(totals(&got.by_type), [("search", 2), ("chat", 1)]);
        assert_eq!(totals(&got.by_model), [("m", 2), ("", 1)]);
        assert_eq!(numbers(&got.latest_comments), [12, 11]);

        let filter = StatsFilter {
            kind: Some(InteractionType::Chat),
            ..StatsFilter::default()
        };
        let got = asked(&*store, &NumbersQuery { filter, ..that_day() }).await;
        assert_eq!((got.total.total, got.latest_comments.len()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn the_latest_ten_comments_are_shown() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1), turn(2).model("m")]).await;
        let said = |number: u128| {
            let place = (number * 7) % 24;
            opinion(number, 1 + number % 2)
                .at(&format!("{place:02}:00:00"))
                .said("x")
        };
        say(&*store, (1..=23).map(said)).await;
        say(
            &*store,
            [
                opinion(50, 1).at("23:59:59"),
                opinion(51, 1).at("2026-11-03T00:00:00Z").said("later"),
            ],
        )
        .await;
        let got = asked(&*store, &that_day()).await;
        let shown: Vec<_> = got
            .latest_comments
            .iter()
            .map(|feedback| feedback.created_at)
            .collect();
        let hours: Vec<_> = (14..24).rev().map(|hour| at(&format!("{hour}:00:00"))).collect();
        assert_eq!(shown, hours);
        let filter = StatsFilter {
            model: Some("m".into()),
            ..StatsFilter::default()
        };
        let got = asked(&*store, &NumbersQuery { filter, ..that_day() }).await;
        assert!(
            got.latest_comments
                .iter()
                .all(|feedback| feedback.interaction_id.as_u128() == 2)
        );
        assert_eq!(
            got.latest_comments.len(),
            10,
            "ten that pass, not ten of which some pass"
        );
    })
    .await;
}

/// Feedback is counted under what its turn is now, whenever the turn was corrected.
#[tokio::test]
async fn numbers_follow_triage_and_corrected_turns() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1).model("old")]).await;
        say(
            &*store,
            [opinion(10, 1).rating(2).said("hm"), opinion(11, 1).at("20:00:00")],
        )
        .await;
        assert_eq!(totals(&asked(&*store, &that_day()).await.by_model), [("old", 2)]);

        let update = Interaction {
            version: 2,
            ..turn(1).model("new").kind(InteractionType::Tts).channel("web")
        };
        assert_eq!(
            store.update_interaction(update, 3).await.unwrap(),
            UpdateOutcome::Updated
        );
        let got = asked(&*store, &that_day()).await;
        assert_eq!(totals(&got.by_model), [("new", 2)]);
        assert_eq!(totals(&got.by_type), [("tts", 2)]);
        for (channel, count) in [("web", 2), ("voice", 0)] {
            let filter = StatsFilter {
                channel: Some(channel.into()),
                ..StatsFilter::default()
            };
            assert_eq!(
                asked(&*store, &NumbersQuery { filter, ..that_day() })
                    .await
                    .total
                    .total,
                count
            );
        }

        let triaged = Feedback {
            version: 2,
            ..opinion(10, 1)
                .rating(2)
                .said("hm")
                .category(Category::Safety)
                .toned(-1.0)
        };
        assert_eq!(
            store.update_feedback(triaged, 1).await.unwrap(),
            UpdateOutcome::Updated
        );
        let got = asked(&*store, &that_day()).await;
        assert_eq!(got.total.sentiment, [0, 0, 1, 0]);
        let mut categories = totals(&got.by_category);
        categories.sort_unstable();
        assert_eq!(categories, [("", 1), ("safety", 1)]);
        assert_eq!(got.latest_comments[0].category, Some(Category::Safety));

        store
            .create_feedback(opinion(10, 1).rating(2).said("hm"))
            .await
            .unwrap();
        store.create_feedback(opinion(12, 9)).await.unwrap();
        assert_eq!(
            asked(&*store, &that_day()).await,
            got,
            "repeats and strays count nothing"
        );
    })
    .await;
}
