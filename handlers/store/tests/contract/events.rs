//! Client events are stored once, and counted against the day of their key.

use crate::builders::*;
use crate::on_each_store;
use domain::events::{Event, EventType};
use std::sync::Arc;
use store::CreateOutcome::{Conflict, Created, Duplicate};
use store::{CreateOutcome, EventQuota, EventsCreated, Store};

const DAY: &str = "2026-11-02T00:00:00Z";

/// A quota of key `key` for 2 November.
fn quota(key: u128, most: Option<u64>) -> EventQuota {
    EventQuota {
        key_id: id(key),
        day: at(DAY),
        most,
    }
}

async fn create(store: &dyn Store, events: &[Event], most: Option<u64>) -> Option<Vec<CreateOutcome>> {
    match store
        .create_events(events.to_vec(), quota(1, most))
        .await
        .unwrap()
    {
        EventsCreated::Done(outcomes) => Some(outcomes),
        EventsCreated::OverQuota => None,
    }
}

#[tokio::test]
async fn each_event_has_its_own_outcome_also_within_one_batch() {
    on_each_store("UTC", async |store| {
        let all = [
            event(1),
            event(2)
                .kind(EventType::Order)
                .order("o-1")
                .value(5_000_000, "EUR")
                .user("u")
                .product("p"),
            event(1),
            event(1).supplied(9),
        ];
        let first = create(&*store, &all, None).await.unwrap();
        assert_eq!(first, [Created, Created, Duplicate, Conflict]);
        let again = create(&*store, &all, None).await.unwrap();
        assert_eq!(again, [Duplicate, Duplicate, Duplicate, Conflict]);
        assert_eq!(create(&*store, &[], None).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn all_that_can_be_known_is_stored() {
    on_each_store("UTC", async |store| {
        let page = "/é".to_owned() + &"x".repeat(2_000);
        let whole = Event {
            page: Some(page),
            interaction_id: Some(id(7)),
            ip_hash: Some([3; 16]),
            skewed: true,
            properties: serde_json::from_str("{\"a\": [1, {\"b\": null}], \"😀\": \"x\"}").ok(),
            ..event(1)
                .kind(EventType::Order)
                .order("o")
                .value(0, "JPY")
                .user("u")
                .product("p")
        };
        assert_eq!(create(&*store, &[whole], None).await.unwrap(), [Created]);
    })
    .await;
}

#[tokio::test]
async fn a_quota_refuses_a_batch_whole_and_repeats_cost_nothing() {
    on_each_store("UTC", async |store| {
        let numbered = |from: u128, to: u128| (from..to).map(event).collect::<Vec<_>>();
        assert!(create(&*store, &numbered(0, 6), Some(10)).await.is_some());
        assert_eq!(
            create(&*store, &numbered(5, 11), Some(10)).await,
            None,
            "11 would be stored"
        );
        assert_eq!(
            create(&*store, &numbered(0, 10), Some(10)).await.unwrap(),
            [[Duplicate; 6].as_slice(), &[Created; 4]].concat(),
            "nothing of the refused batch was stored"
        );
        assert_eq!(
            create(&*store, &numbered(3, 9), Some(10)).await.unwrap(),
            [Duplicate; 6]
        );
        assert_eq!(create(&*store, &numbered(10, 11), Some(10)).await, None);
        let other_key = store
            .create_events(numbered(10, 11), quota(2, Some(10)))
            .await
            .unwrap();
        assert_eq!(other_key, EventsCreated::Done(vec![Created]));
        let tomorrow = EventQuota {
            day: at("2026-11-03T00:00:00Z"),
            ..quota(1, Some(10))
        };
        let next_day = store.create_events(numbered(11, 12), tomorrow).await.unwrap();
        assert_eq!(next_day, EventsCreated::Done(vec![Created]));
        assert_eq!(
            create(&*store, &numbered(20, 40), None).await.unwrap(),
            [Created; 20],
            "no quota"
        );
        assert_eq!(
            create(&*store, &numbered(40, 41), Some(30)).await,
            None,
            "but counted"
        );
    })
    .await;
}

#[tokio::test]
async fn at_once_every_event_is_created_once_and_the_quota_holds() {
    on_each_store("UTC", async |store| {
        let tasks = (0..8u128).map(|task| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut created = 0;
                for batch in 0..4u128 {
                    // Half of each batch is everybody's, half its own.
                    let shared = (0..5).map(|n| event(batch * 5 + n));
                    let own = (0..5).map(|n| event(1_000 + task * 100 + batch * 5 + n));
                    let events: Vec<_> = shared.chain(own).collect();
                    let done = create(&*store, &events, Some(100)).await;
                    created += done
                        .into_iter()
                        .flatten()
                        .filter(|outcome| *outcome == Created)
                        .count();
                }
                created
            })
        });
        let mut created = 0;
        for task in tasks.collect::<Vec<_>>() {
            created += task.await.unwrap();
        }
        assert!((90..=100).contains(&created), "{created}");
    })
    .await;
}
