//! Giving feedback, what it does to its turn, triage, and lists case by case. All filters together: `random_lists`.

use super::builders::{BuildFeedback, at, get, id, numbers, opinion, put, say, turn, walk};
use super::on_each_store;
use domain::feedback::{
    Aspect, Category, Feedback, FeedbackFilter, Review, ReviewState, Sentiment, SentimentLabel,
    SentimentSource, Source, Thumb, Word,
};
use domain::page::PageRequest;
use store::FeedbackCreated::{Conflict, Created, Duplicate, NoInteraction};
use store::UpdateOutcome::{Stale, Updated};

fn full(number: u128, on: u128) -> Feedback {
    Feedback {
        rating: Some(5),
        thumb: Some(Thumb::Down),
        comment: Some(format!("{} 👜 'quoted\"", "é".repeat(4000))),
        category: Some(Category::Tone),
        tags: vec!["größe".into(), "\"".repeat(128)],
        user_id: Some("Zoë".into()),
        source: Source::Reviewer,
        sentiment: Some(Sentiment {
            score: Some(-0.123_456_789),
            label: SentimentLabel::Negative,
            language: Some("de".into()),
            words: vec![Word {
                word: "größe \"x\"".into(),
                weight: -1.25,
            }],
            aspects: Some(vec![Aspect {
                target: "Lieferung 📦".into(),
                label: SentimentLabel::Negative,
            }]),
            source: SentimentSource::Azure,
        }),
        phrases: vec!["späte lieferung".into()],
        refine_at: Some(at("2026-11-02T14:00:00.000001Z")),
        review: Review {
            state: ReviewState::Dismissed,
            notes: Some("n".repeat(8192)),
            reviewer: Some("Li".into()),
            at: Some(at("2026-11-02T14:00:00.000001Z")),
        },
        created_at: at("2026-11-02T13:00:00.999999Z"),
        ..opinion(number, on)
    }
}

#[tokio::test]
async fn feedback_comes_back_as_it_was_stored() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        say(&*store, [full(10, 1), opinion(11, 1)]).await;
        assert_eq!(store.get_feedback(id(10)).await.unwrap(), Some(full(10, 1)));
        assert_eq!(
            store.get_feedback(id(11)).await.unwrap(),
            Some(opinion(11, 1)),
            "what is not known stays unknown"
        );
        assert_eq!(store.get_feedback(id(1)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_repeat_and_a_conflict_are_told_and_change_nothing() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1), turn(2)]).await;
        let outcome = async |feedback| store.create_feedback(feedback).await.unwrap();
        assert_eq!(outcome(opinion(10, 1).rating(4)).await, Created);
        assert_eq!(outcome(opinion(10, 1).rating(4)).await, Duplicate);
        assert_eq!(outcome(opinion(10, 2).rating(1).supplied(99)).await, Conflict);
        assert_eq!(outcome(opinion(11, 3).rating(1)).await, NoInteraction);
        assert_eq!(store.get_feedback(id(11)).await.unwrap(), None);
        let (first, second) = (get(&*store, 1).await, get(&*store, 2).await);
        assert_eq!((first.rating, first.feedback_count), (Some(4), 1));
        assert_eq!((second.rating, second.feedback_count), (None, 0));
    })
    .await;
}

#[tokio::test]
async fn a_turn_has_the_rating_of_its_latest_feedback_that_has_one() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        let steps = [
            (opinion(10, 1).at("13:00:00"), None),
            (opinion(11, 1).at("13:01:00").rating(2), Some(2)),
            (opinion(12, 1).at("13:02:00"), Some(2)),
            (opinion(13, 1).at("13:03:00").rating(5), Some(5)),
            (opinion(14, 1).at("13:02:30").rating(1), Some(5)),
            (opinion(15, 1).at("2026-11-09T00:00:00Z").rating(3), Some(3)),
        ];
        for (count, (feedback, rating)) in (1..).zip(steps) {
            say(&*store, [feedback.clone()]).await;
            let rated = get(&*store, 1).await;
            assert_eq!(
                (rated.rating, rated.feedback_count),
                (rating, count),
                "{feedback:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn triage_stores_what_a_reviewer_may_change() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1), turn(2)]).await;
        say(&*store, [opinion(10, 1).rating(4).said("nice"), opinion(11, 1)]).await;
        let other = full(10, 2);
        let triaged = Feedback {
            version: 2,
            updated_at: at("15:00:00"),
            ..other.clone()
        };
        assert_eq!(store.update_feedback(triaged.clone(), 1).await.unwrap(), Updated);
        let stored = store.get_feedback(id(10)).await.unwrap().unwrap();
        let expected = Feedback {
            category: other.category,
            tags: other.tags,
            sentiment: other.sentiment,
            phrases: other.phrases,
            review: other.review,
            version: 2,
            updated_at: at("15:00:00"),
            ..opinion(10, 1).rating(4).said("nice")
        };
        assert_eq!(stored, expected, "the shopper's own words stay as they were said");
        assert_eq!(get(&*store, 1).await.rating, Some(4));

        assert_eq!(store.update_feedback(triaged.clone(), 1).await.unwrap(), Stale);
        assert_eq!(store.update_feedback(triaged, 3).await.unwrap(), Stale);
        assert_eq!(store.get_feedback(id(10)).await.unwrap(), Some(expected));
        assert_eq!(
            store.get_feedback(id(11)).await.unwrap(),
            Some(opinion(11, 1)),
            "other feedback stays as it was"
        );

        let emptied = Feedback {
            version: 3,
            ..opinion(10, 1)
        };
        assert_eq!(store.update_feedback(emptied, 2).await.unwrap(), Updated);
        let stored = store.get_feedback(id(10)).await.unwrap().unwrap();
        assert_eq!(
            (stored.category, stored.sentiment, stored.review.at),
            (None, None, None)
        );
        assert_eq!(store.update_feedback(opinion(99, 1), 1).await.unwrap(), Stale);
        assert_eq!(store.get_feedback(id(99)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn each_filter_alone_finds_its_feedback() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1), turn(2)]).await;
        say(&*store, (1..=5).map(|number| opinion(number, 1))).await;
        let special = Feedback {
            thumb: Some(Thumb::Down),
            review: full(99, 2).review,
            ..opinion(99, 2)
                .at("2026-10-01T00:00:00Z")
                .rating(3)
                .category(Category::Speed)
                .source(Source::System)
                .user("u")
                .toned(-0.5)
        };
        say(&*store, [special]).await;
        let any = FeedbackFilter::default;
        let filters = [
            FeedbackFilter {
                interaction_id: Some(id(2)),
                ..any()
            },
            FeedbackFilter {
                user_id: Some("u".into()),
                ..any()
            },
            FeedbackFilter {
                category: Some(Category::Speed),
                ..any()
            },
            FeedbackFilter {
                source: Some(Source::System),
                ..any()
            },
            FeedbackFilter {
                thumb: Some(Thumb::Down),
                ..any()
            },
            FeedbackFilter {
                review_state: Some(ReviewState::Dismissed),
                ..any()
            },
            FeedbackFilter {
                sentiment: Some(SentimentLabel::Negative),
                ..any()
            },
            FeedbackFilter {
                rating_min: Some(3),
                ..any()
            },
            FeedbackFilter {
                rating_max: Some(3),
                ..any()
            },
            FeedbackFilter {
                to: Some(at("13:00:00")),
                ..any()
            },
        ];
        for filter in filters {
            let list = store
                .list_feedback(filter.clone(), PageRequest::default())
                .await
                .unwrap();
            assert_eq!(numbers(&list), [99], "{filter:?}");
        }
        for filter in [
            FeedbackFilter {
                user_id: Some("U".into()),
                ..any()
            },
            FeedbackFilter {
                rating_min: Some(4),
                ..any()
            },
            FeedbackFilter {
                interaction_id: Some(id(3)),
                ..any()
            },
        ] {
            let list = store
                .list_feedback(filter.clone(), PageRequest::default())
                .await
                .unwrap();
            assert_eq!(numbers(&list), [0; 0], "{filter:?}");
        }
        let since = FeedbackFilter {
            from: Some(at("13:00:00")),
            ..any()
        };
        let list = store.list_feedback(since, PageRequest::default()).await.unwrap();
        assert_eq!(numbers(&list), [5, 4, 3, 2, 1], "from is included");
    })
    .await;
}

#[tokio::test]
async fn a_list_can_be_walked_page_by_page() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        let times = ["13:00:00", "12:00:00", "14:00:00"];
        say(
            &*store,
            (0..30).map(|number: u128| opinion(number, 1).at(times[number as usize % 3])),
        )
        .await;
        let expected: Vec<u128> = [2, 0, 1]
            .into_iter()
            .flat_map(|rest| (0..30).rev().filter(move |n| n % 3 == rest))
            .collect();
        for limit in [1, 7, 30] {
            let list = walk(limit, async |page| {
                store
                    .list_feedback(FeedbackFilter::default(), page)
                    .await
                    .unwrap()
            });
            assert_eq!(numbers(&list.await), expected, "limit {limit}");
        }
    })
    .await;
}
