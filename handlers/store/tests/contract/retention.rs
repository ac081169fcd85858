//! Forgetting what is old without changing the numbers.

use super::analytics::{numbers, that_day};
use super::builders::{BuildFeedback, BuildTurn, at, later, opinion, put, say, turn};
use super::on_each_store;
use domain::interactions::Interaction;
use domain::page::PageRequest;
use store::{Removed, Store};

const MINUTE: i64 = 60_000_000;

async fn remaining(store: &dyn Store) -> Vec<u128> {
    let list = store
        .list_interactions(Default::default(), PageRequest::default())
        .await
        .unwrap();
    list.iter().map(|turn| turn.id.as_u128()).collect()
}

fn minute(number: u128, minutes: i64) -> Interaction {
    turn(number).moment(later(at("10:00:00"), minutes * MINUTE))
}

#[tokio::test]
async fn what_is_removed_stays_counted_and_late_turns_are_added() {
    on_each_store("Europe/Paris", async |store| {
        put(&*store, (0..40).map(|number| minute(number, number as i64))).await;
        say(
            &*store,
            [
                opinion(100, 1).rating(2),
                opinion(101, 2).at("10:10:00").rating(4),
            ],
        )
        .await;
        let query = that_day();
        let before = numbers(&*store, &query).await;
        let opinions = store.feedback_numbers(query.clone()).await.unwrap();

        let cutoff = later(at("10:00:00"), 20 * MINUTE);
        let removed = store.remove_interactions_before(cutoff).await.unwrap();
        assert_eq!(
            removed,
            Removed {
                interactions: 19,
                feedback: 1
            },
            "one of twenty has feedback of the afternoon"
        );
        assert_eq!(remaining(&*store).await.len(), 21);
        assert_eq!(numbers(&*store, &query).await, before);
        assert_eq!(
            store.feedback_numbers(query.clone()).await.unwrap().total,
            opinions.total
        );

        put(&*store, [minute(200, 3)]).await;
        assert_eq!(numbers(&*store, &query).await.total.total, before.total.total + 1);
        let again = store.remove_interactions_before(cutoff).await.unwrap();
        assert_eq!(
            again,
            Removed {
                interactions: 1,
                feedback: 0
            }
        );
        assert_eq!(numbers(&*store, &query).await.total.total, before.total.total + 1);
        assert_eq!(
            store.remove_interactions_before(cutoff).await.unwrap(),
            Removed::default()
        );
    })
    .await;
}

#[tokio::test]
async fn a_turn_stays_while_its_feedback_is_young() {
    on_each_store("UTC", async |store| {
        put(&*store, [minute(1, 0), minute(2, 1)]).await;
        say(&*store, [opinion(10, 1).at("12:00:00")]).await;
        let removed = store.remove_interactions_before(at("11:00:00")).await.unwrap();
        assert_eq!(
            removed,
            Removed {
                interactions: 1,
                feedback: 0
            }
        );
        assert_eq!(remaining(&*store).await, [1]);
        let removed = store.remove_interactions_before(at("13:00:00")).await.unwrap();
        assert_eq!(
            removed,
            Removed {
                interactions: 1,
                feedback: 1
            }
        );
    })
    .await;
}

#[tokio::test]
async fn a_session_begins_with_what_is_left_of_it() {
    on_each_store("UTC", async |store| {
        put(
            &*store,
            [
                minute(1, 0).session("a"),
                minute(2, 90).session("a"),
                minute(3, 1).session("b"),
            ],
        )
        .await;
        store.remove_interactions_before(at("11:00:00")).await.unwrap();
        let sessions = store
            .list_sessions(Default::default(), PageRequest::default())
            .await
            .unwrap();
        let shown: Vec<_> = sessions
            .iter()
            .map(|own| (own.session_id.as_str(), own.started_at, own.interactions))
            .collect();
        assert_eq!(shown, [("a", at("11:30:00"), 1)]);
    })
    .await;
}
