//! What shoppers ask for, case by case. At random: `random_queries`.

use super::builders::BuildFeedback;
use super::builders::{BuildTurn, at, get, later, opinion, put, say, turn};
use super::{azure_sql, on_each_store, sqlite};
use domain::analytics::TimeRange;
use domain::interactions::{Interaction, InteractionType, Status};
use std::path::Path;
use store::{QueriesQuery, Store, UpdateOutcome};

const HOUR: i64 = 3_600_000_000;

/// Searches from the beginning of 2 November on, for two days.
fn searches() -> QueriesQuery {
    QueriesQuery {
        range: TimeRange {
            from: at("00:00:00"),
            to: at("2026-11-04T00:00:00Z"),
        },
        kind: InteractionType::Search,
        channel: None,
        limit: 200,
    }
}

fn search(number: u128, text: &str) -> Interaction {
    turn(number)
        .kind(InteractionType::Search)
        .status(Status::Succeeded)
        .asks(text)
}

/// Text, turns, failed ones and those without results.
async fn asked(store: &dyn Store, query: QueriesQuery) -> Vec<(String, [i64; 3])> {
    let found = store.top_queries(query).await.unwrap().into_iter();
    found
        .map(|(text, counts)| (text, [counts.total, counts.failed, counts.without_results]))
        .collect()
}

fn named(texts: &[(&str, [i64; 3])]) -> Vec<(String, [i64; 3])> {
    texts
        .iter()
        .map(|(text, counts)| ((*text).to_owned(), *counts))
        .collect()
}

#[tokio::test]
async fn what_failed_or_found_nothing_stands_first() {
    on_each_store("UTC", async |store| {
        assert!(asked(&*store, searches()).await.is_empty());
        put(
            &*store,
            [
                search(1, "Red dress").shows(&["p"]),
                search(2, "red  dress")
                    .shows(&["p"])
                    .channel("web")
                    .at("11:00:00"),
                search(3, "hat").status(Status::Failed),
                search(4, "shoes"),
                search(5, "shoes").status(Status::Pending),
                search(6, "😀 mail a@b.example 123456"),
                search(7, "chat").kind(InteractionType::Chat),
                turn(8).kind(InteractionType::Search),
            ],
        )
        .await;
        let all = named(&[
            ("shoes", [2, 0, 1]),
            ("hat", [1, 1, 0]),
            ("😀 mail … …", [1, 0, 1]),
            ("red dress", [2, 0, 0]),
        ]);
        assert_eq!(asked(&*store, searches()).await, all);
        let two = QueriesQuery {
            limit: 2,
            ..searches()
        };
        assert_eq!(asked(&*store, two).await, all[..2]);
        let web = QueriesQuery {
            channel: Some("web".to_owned()),
            ..searches()
        };
        assert_eq!(asked(&*store, web).await, named(&[("red dress", [1, 0, 0])]));
        let last = store.top_queries(searches()).await.unwrap()[3].1.last_seen;
        assert_eq!(last, at("11:00:00"));
        // A part of a day is not made of days.
        let hour = QueriesQuery {
            range: TimeRange {
                from: at("10:00:01"),
                to: at("11:00:01"),
            },
            ..searches()
        };
        assert_eq!(asked(&*store, hour).await, named(&[("red dress", [1, 0, 0])]));
    })
    .await;
}

#[tokio::test]
async fn a_changed_text_is_asked_no_more() {
    on_each_store("America/Sao_Paulo", async |store| {
        put(&*store, [search(1, "wrong"), search(2, "right")]).await;
        assert_eq!(asked(&*store, searches()).await.len(), 2);
        let current = get(&*store, 1).await;
        let version = current.version;
        let changed = Interaction {
            version: version + 1,
            ..current.asks("right")
        };
        let outcome = store.update_interaction(changed, version).await.unwrap();
        assert_eq!(outcome, UpdateOutcome::Updated);
        assert_eq!(asked(&*store, searches()).await, named(&[("right", [2, 0, 2])]));
    })
    .await;
}

#[tokio::test]
async fn a_removed_text_is_forgotten() {
    on_each_store("Europe/Paris", async |store| {
        put(
            &*store,
            [
                search(1, "secret"),
                search(2, "kept by its feedback"),
                search(3, "of the same day").at("20:00:00"),
                search(4, "of the next day").moment(later(at("10:00:00"), 24 * HOUR)),
            ],
        )
        .await;
        say(&*store, [opinion(10, 2).at("18:00:00")]).await;
        // The day of Paris began at 23:00 UTC.
        let whole = || QueriesQuery {
            range: TimeRange {
                from: at("2026-11-01T23:00:00Z"),
                to: at("2026-11-03T23:00:00Z"),
            },
            ..searches()
        };
        for counted_before in [true, false] {
            if counted_before {
                assert_eq!(asked(&*store, whole()).await.len(), 4);
            }
            store.remove_interactions_before(at("12:00:00")).await.unwrap();
            let left = ["kept by its feedback", "of the next day", "of the same day"];
            assert_eq!(
                asked(&*store, whole()).await,
                named(&left.map(|text| (text, [1, 0, 1])))
            );
        }
    })
    .await;
}

/// All texts that a database file holds in its counts.
fn held(path: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut statement = connection
        .prepare("SELECT text FROM query_rollups ORDER BY text")
        .unwrap();
    let texts = statement.query_map([], |row| row.get(0)).unwrap();
    texts.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn no_text_outlives_its_turn_beside_recounts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pravis.db");
    let (writing, reading) = (sqlite(&path, "UTC").await, sqlite(&path, "UTC").await);
    for round in 0..30 {
        let turns = (0..40).map(|place| search(round * 100 + place, &format!("secret {place}")));
        put(&*writing, turns).await;
        let query = searches();
        let (found, removed) = tokio::join!(
            reading.top_queries(query),
            writing.remove_interactions_before(at("12:00:00"))
        );
        found.unwrap();
        assert_eq!(removed.unwrap().interactions, 40);
        assert_eq!(held(&path), [""; 0], "round {round}");
    }
    assert!(asked(&*reading, searches()).await.is_empty());
}

#[tokio::test]
async fn a_shop_that_moves_counts_by_its_new_days() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pravis.db");
    let server = azure_sql::Database::create().await;
    // Turns at every hour of three days: each day of any zone has 24.
    let turns = || (0..72).map(|hour| search(hour, "hat").moment(later(at("00:00:00"), hour as i64 * HOUR)));
    let mut first = true;
    for (zone, start) in [
        ("UTC", "00:00:00"),
        ("Asia/Kolkata", "18:30:00"),
        ("Europe/Paris", "23:00:00"),
    ] {
        let mut stores: Vec<std::sync::Arc<dyn Store>> = vec![sqlite(&path, zone).await];
        if let Some(server) = &server {
            stores.push(server.open(zone).await);
        }
        for store in stores {
            if first {
                put(&*store, turns()).await;
            }
            let query = QueriesQuery {
                range: TimeRange {
                    from: at(start),
                    to: later(at(start), 24 * HOUR),
                },
                ..searches()
            };
            assert_eq!(
                asked(&*store, query).await,
                named(&[("hat", [24, 0, 24])]),
                "{zone}"
            );
            store.close().await;
        }
        first = false;
    }
    if let Some(server) = server {
        server.remove().await;
    }
}
