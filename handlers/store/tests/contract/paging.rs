//! Walking lists of turns page by page.

use super::builders::{BuildTurn, at, later, numbers, put, turn, walk};
use super::interaction_lists::roll_up;
use super::on_each_store;
use domain::interactions::{Interaction, InteractionFilter};
use domain::page::PageRequest;
use std::sync::atomic::{AtomicU64, Ordering};

#[tokio::test]
async fn a_page_tells_whether_more_follow() {
    on_each_store("UTC", async |store| {
        put(&*store, (1..=6).map(turn)).await;
        for (limit, given) in [(1, 2), (5, 6), (6, 6), (7, 6), (200, 6)] {
            let page = PageRequest { limit, after: None };
            let list = store
                .list_interactions(InteractionFilter::default(), page.clone())
                .await
                .unwrap();
            assert_eq!(list.len(), given, "limit {limit}");
            let list = store.list_session_interactions("s".into(), page).await.unwrap();
            assert_eq!(list.len(), given, "session, limit {limit}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_reads_from_its_oldest_turn_on() {
    on_each_store("UTC", async |store| {
        let turns = (0..30).map(|n: u128| turn(n).at(["10:00:00", "11:00:00", "09:00:00"][n as usize % 3]));
        put(&*store, turns).await;
        put(&*store, [turn(100).session("S"), turn(101).session("s2")]).await;
        let expected: Vec<u128> = [2, 0, 1]
            .into_iter()
            .flat_map(|rest| (0..30).filter(move |n| n % 3 == rest))
            .collect();
        for limit in [1, 7, 200] {
            let list = walk(limit, async |page| {
                store.list_session_interactions("s".into(), page).await.unwrap()
            });
            assert_eq!(numbers(&list.await), expected, "limit {limit}");
        }
    })
    .await;
}

/// Between two pages, turns arrive before and behind the place that was reached, and shown ones change.
#[tokio::test]
async fn pages_lose_and_repeat_nothing_while_others_write() {
    on_each_store("UTC", async |store| {
        let start = at("2026-10-01T00:00:00Z");
        let spaced = |n: u128| turn(n).moment(later(start, n as i64 * 60_000_000)).model("m");
        put(&*store, (1000..1200).map(spaced)).await;
        let filter = InteractionFilter {
            model: Some("m".into()),
            ..InteractionFilter::default()
        };
        let fresh = AtomicU64::new(0);
        let walked = walk(9, async |page| {
            let list = store.list_interactions(filter.clone(), page).await.unwrap();
            let number = u128::from(fresh.fetch_add(1, Ordering::Relaxed));
            put(&*store, [spaced(2000 + number), spaced(500 + number)]).await;
            if let Some(shown) = list.first() {
                let changed = Interaction {
                    version: shown.version + 1,
                    ..shown.clone().cost(1)
                };
                store.update_interaction(changed, shown.version).await.unwrap();
            }
            if number % 4 == 0 {
                roll_up(&*store).await;
            }
            list
        });
        let walked = numbers(&walked.await);
        let (old, behind): (Vec<u128>, Vec<u128>) = walked.iter().partition(|n| (1000..1200).contains(*n));
        assert_eq!(
            old,
            (1000..1200).rev().collect::<Vec<_>>(),
            "what was there is shown once, in order"
        );
        assert!(
            behind.iter().all(|n| (500..1000).contains(n)),
            "what came before the place stays unseen"
        );
        assert!(walked.is_sorted_by(|a, b| a > b));
    })
    .await;
}
