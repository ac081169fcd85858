//! Judging comments: the locale of a turn, claims of what is to be refined, and what becomes of it.

use super::analytics::that_day;
use super::builders::{BuildFeedback, BuildTurn, at, get, id, opinion, put, say, tone, turn};
use super::on_each_store;
use domain::analytics::LOOKED_AT;
use domain::feedback::{
    Aspect, Feedback, FeedbackFilter, ReviewState, Sentiment, SentimentLabel, SentimentSource,
};
use domain::page::PageRequest;
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::{Refined, Refinement, Store, UpdateOutcome};

fn known(number: u128, score: f64) -> Refined {
    let outcome = Refinement::Known {
        score,
        label: SentimentLabel::of(score),
        language: Some("fr".into()),
        aspects: vec![aspect()],
    };
    let id = id(number);
    Refined { id, outcome }
}

fn aspect() -> Aspect {
    Aspect {
        target: "Größe".into(),
        label: SentimentLabel::Negative,
    }
}

async fn claim(store: &dyn Store, now: Timestamp, limit: usize) -> Vec<u128> {
    let until = now + jiff::SignedDuration::from_mins(5);
    let claimed = store.claim_sentiments(now, until, limit).await.unwrap();
    claimed.iter().map(|own| own.id.as_u128()).collect()
}

fn whole() -> PageRequest {
    PageRequest {
        limit: 100,
        after: None,
    }
}

async fn stored(store: &dyn Store, number: u128) -> Feedback {
    store.get_feedback(id(number)).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_language_is_kept_where_none_was_known() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        let mut silent = opinion(10, 1).said("Merci !").due("13:00:00");
        silent.sentiment = Some(Sentiment {
            language: None,
            ..tone(0.0)
        });
        let english = opinion(11, 1).said("Fine.").toned(0.1).due("13:00:00");
        say(&*store, [silent, english]).await;
        assert_eq!(claim(&*store, at("13:00:00"), 10).await, [10, 11]);
        let refined = vec![known(10, 0.5), known(11, 0.5)];
        store.refine_sentiments(refined, at("13:01:00")).await.unwrap();
        for (number, language) in [(10, "fr"), (11, "en")] {
            let tone = stored(&*store, number).await.sentiment.unwrap();
            assert_eq!(tone.language.as_deref(), Some(language));
            assert_eq!(tone.source, SentimentSource::Azure);
        }
    })
    .await;
}

#[tokio::test]
async fn a_turn_has_its_locale() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1).locale("pt-BR"), turn(2)]).await;
        for (number, locale) in [(1, Some("pt-BR")), (2, None), (3, None)] {
            assert_eq!(store.get_locale(id(number)).await.unwrap().as_deref(), locale);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_due_is_claimed_once_the_longest_due_first() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        let said = |number, due| opinion(number, 1).said("Zu spät.").toned(0.5).due(due);
        let never = opinion(14, 1).said("not to be refined");
        say(
            &*store,
            [
                said(10, "12:00:02"),
                said(11, "12:00:01"),
                said(12, "12:00:03"),
                said(13, "12:00:09"),
                never,
            ],
        )
        .await;
        assert_eq!(claim(&*store, at("12:00:00"), 10).await, [] as [u128; 0]);
        assert_eq!(claim(&*store, at("12:00:03"), 2).await, [11, 10]);
        assert_eq!(claim(&*store, at("12:00:03"), 2).await, [12]);
        assert_eq!(
            claim(&*store, at("12:00:03"), 2).await,
            [] as [u128; 0],
            "they are at work"
        );
        // Whoever had them was killed.
        let again = store
            .claim_sentiments(at("12:05:03"), at("12:10:00"), 10)
            .await
            .unwrap();
        let attempts: Vec<_> = again.iter().map(|own| (own.id.as_u128(), own.attempts)).collect();
        assert_eq!(attempts, [(13, 1), (10, 2), (11, 2), (12, 2)]);
        assert_eq!(again[0].comment, "Zu spät.");
        assert_eq!(again[0].language.as_deref(), Some("en"));
        assert_eq!(stored(&*store, 10).await.version, 1, "a claim is no change");
    })
    .await;
}

#[tokio::test]
async fn what_becomes_known_is_shown_and_counted() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        say(
            &*store,
            (10..14).map(|number| opinion(number, 1).said("hm").toned(0.5).due("13:00:00")),
        )
        .await;
        let total = async || store.feedback_numbers(that_day()).await.unwrap().total.sentiment;
        assert_eq!(total().await, [4, 0, 0, 0]);
        assert_eq!(claim(&*store, at("13:00:00"), 10).await.len(), 4);
        let turn_before = get(&*store, 1).await;
        let later = Refined {
            id: id(11),
            outcome: Refinement::Later(at("16:00:00")),
        };
        let never = Refined {
            id: id(12),
            outcome: Refinement::Never("UnsupportedLanguageCode".into()),
        };
        let refined = vec![known(10, -0.75), later, never, known(99, 1.0)];
        store
            .refine_sentiments(refined.clone(), at("15:00:00"))
            .await
            .unwrap();
        let expected = Feedback {
            sentiment: Some(Sentiment {
                score: Some(-0.75),
                label: SentimentLabel::Negative,
                aspects: Some(vec![aspect()]),
                source: SentimentSource::Azure,
                ..tone(0.5)
            }),
            refine_at: None,
            version: 2,
            updated_at: at("15:00:00"),
            ..opinion(10, 1).said("hm")
        };
        assert_eq!(stored(&*store, 10).await, expected);
        assert_eq!(total().await, [3, 0, 1, 0]);
        let (put_off, given_up) = (stored(&*store, 11).await, stored(&*store, 12).await);
        assert_eq!((put_off.version, put_off.refine_at), (1, Some(at("16:00:00"))));
        assert_eq!((given_up.version, given_up.refine_at), (1, None));
        assert_eq!(
            given_up.sentiment,
            Some(tone(0.5)),
            "what the program found stays"
        );
        assert_eq!(get(&*store, 1).await, turn_before);

        // Once more, by one who was late: nothing is done twice.
        store
            .refine_sentiments(vec![known(10, 1.0), known(12, 1.0)], at("15:30:00"))
            .await
            .unwrap();
        assert_eq!(stored(&*store, 10).await, expected);
        assert_eq!(stored(&*store, 12).await, given_up);
        assert_eq!(claim(&*store, at("20:00:00"), 10).await, [13, 11]);
        store.refine_sentiments(Vec::new(), at("15:30:00")).await.unwrap();
    })
    .await;
}

/// A review that began before the refinement is stale, and one that ends before it is kept.
#[tokio::test]
async fn a_review_and_a_refinement_keep_each_other() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        say(&*store, [opinion(10, 1).said("hm").toned(0.5).due("13:00:00")]).await;
        let review = |of: &Feedback| {
            let mut next = of.clone();
            next.review.state = ReviewState::Reviewed;
            next.version += 1;
            next
        };
        let before = stored(&*store, 10).await;
        claim(&*store, at("13:00:00"), 1).await;
        assert_eq!(
            store.update_feedback(review(&before), 1).await.unwrap(),
            UpdateOutcome::Updated
        );
        let claimed_until = stored(&*store, 10).await.refine_at;
        assert_eq!(claimed_until, Some(at("13:05:00")), "a review leaves the claim");
        store
            .refine_sentiments(vec![known(10, -1.0)], at("13:00:01"))
            .await
            .unwrap();
        let both = stored(&*store, 10).await;
        assert_eq!((both.review.state, both.version), (ReviewState::Reviewed, 3));
        assert_eq!(both.sentiment.as_ref().unwrap().source, SentimentSource::Azure);
        let late = store.update_feedback(review(&review(&before)), 2).await.unwrap();
        assert_eq!(late, UpdateOutcome::Stale);
        assert_eq!(stored(&*store, 10).await, both);
    })
    .await;
}

#[tokio::test]
async fn many_who_claim_at_once_share_the_work() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1)]).await;
        say(
            &*store,
            (0..40).map(|number| opinion(number, 1).said("hm").due("12:00:00")),
        )
        .await;
        let claims = (0..8).map(async |_| {
            let mut own = Vec::new();
            loop {
                // Whom others overtook gets less, or nothing, and looks again.
                let more = claim(&*store, at("13:00:00"), 7).await;
                let left = store
                    .list_feedback(FeedbackFilter::default(), whole())
                    .await
                    .unwrap();
                own.extend(more);
                if left.iter().all(|one| one.refine_at != Some(at("12:00:00"))) {
                    return own;
                }
            }
        });
        let claimed: Vec<u128> = futures::future::join_all(claims)
            .await
            .into_iter()
            .flatten()
            .collect();
        let different: BTreeSet<u128> = claimed.iter().copied().collect();
        assert_eq!(different.len(), 40, "all are claimed");
        assert_eq!(claimed.len(), 40, "each by one");
    })
    .await;
}

#[tokio::test]
async fn tags_and_phrases_are_those_of_the_newest_feedback() {
    on_each_store("UTC", async |store| {
        put(&*store, [turn(1).model("m"), turn(2)]).await;
        say(
            &*store,
            [
                opinion(1, 1).rating(2).tagged(&["size", "fit"]),
                opinion(2, 2)
                    .rating(5)
                    .tagged(&["size"])
                    .about(&["late delivery"])
                    .toned(-0.5),
                opinion(3, 2).about(&["late delivery"]).toned(0.25),
                opinion(4, 1).tagged(&["size"]).at("2026-11-03T00:00:00Z"),
                opinion(5, 1).said("no terms"),
            ],
        )
        .await;
        let asked = async |query| store.feedback_numbers(query).await.unwrap().common;
        let common = asked(that_day()).await;
        let tags: Vec<_> = common
            .tags
            .iter()
            .map(|own| (own.tag.as_str(), own.count, own.average_rating))
            .collect();
        assert_eq!(tags, [("size", 2, Some(3.5)), ("fit", 1, Some(2.0))]);
        let phrases: Vec<_> = common
            .phrases
            .iter()
            .map(|own| (own.phrase.as_str(), own.count, own.mean_score))
            .collect();
        assert_eq!(phrases, [("late delivery", 2, Some(-0.125))]);
        assert_eq!((common.counted, common.complete), (3, true));

        // Triage changes tags, also from none and to none.
        for (number, tags) in [(1, vec![]), (5, vec!["new".to_owned()])] {
            let current = stored(&*store, number).await;
            let version = current.version;
            store
                .update_feedback(Feedback { tags, ..current }, version)
                .await
                .unwrap();
        }
        let mut query = that_day();
        query.filter.model = Some("m".into());
        let common = asked(query).await;
        let tags: Vec<_> = common.tags.iter().map(|own| own.tag.as_str()).collect();
        assert_eq!((tags, common.counted), (vec!["new"], 1));
    })
    .await;
}

/// On the embedded backend only: so much feedback takes a server minutes.
#[tokio::test]
async fn no_more_than_the_newest_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let store = super::sqlite(&folder.path().join("pravis.db"), "UTC").await;
    put(&*store, [turn(1)]).await;
    let given = |number: u128| {
        let tag = if number < 5 { "old" } else { "new" };
        let minute = number / 60;
        let time = format!("{:02}:{:02}:{:02}", minute / 60, minute % 60, number % 60);
        store.create_feedback(opinion(number, 1).at(&time).tagged(&[tag]))
    };
    futures::future::join_all((0..LOOKED_AT as u128).map(given)).await;
    let asked = async || store.feedback_numbers(that_day()).await.unwrap().common;
    let all = asked().await;
    assert_eq!((all.counted, all.complete, all.tags.len()), (2_000, true, 2));
    futures::future::join_all((LOOKED_AT as u128..LOOKED_AT as u128 + 5).map(given)).await;
    let newest = asked().await;
    assert_eq!((newest.counted, newest.complete), (2_000, false));
    assert_eq!(newest.tags.len(), 1, "the old ones are beyond");
}
