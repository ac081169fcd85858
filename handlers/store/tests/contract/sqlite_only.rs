//! What only a database in a file has: two programs on it, older and newer programs, another zone at the next start.

use super::analytics::query;
use super::builders::{BuildFeedback, BuildTurn, get, id, opinion, put, say, turn};
use super::concurrency::at_once;
use super::exact::check_interactions;
use super::{sqlite, try_sqlite};
use domain::interactions::Interaction;
use domain::page::PageRequest;
use jiff::civil::date;
use rusqlite::Connection;
use std::path::PathBuf;
use store::{CreateOutcome, StoreError, UpdateOutcome};

fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pravis.db");
    (folder, path)
}

/// A database with one turn that no program has open.
async fn made(zone: &str) -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = file();
    let store = sqlite(&path, zone).await;
    put(&*store, [turn(1)]).await;
    store.close().await;
    (folder, path)
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    let (_folder, path) = made("UTC").await;
    let store = sqlite(&path, "UTC").await;
    assert_eq!(get(&*store, 1).await, turn(1));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_programs_share_one_file() {
    let (_folder, path) = file();
    let stores = [sqlite(&path, "UTC").await, sqlite(&path, "UTC").await];
    let [first, second] = &stores;
    put(&**first, [turn(1)]).await;
    assert_eq!(get(&**second, 1).await, turn(1));
    let update = Interaction {
        version: 2,
        ..turn(1).model("m")
    };
    assert_eq!(
        second.update_interaction(update.clone(), 1).await.unwrap(),
        UpdateOutcome::Updated
    );
    assert_eq!(
        first.update_interaction(update, 1).await.unwrap(),
        UpdateOutcome::Stale
    );
    assert_eq!(
        second.create_interactions(vec![turn(1)]).await.unwrap(),
        [CreateOutcome::Duplicate]
    );

    at_once(|task| {
        let (own, other) = (
            stores[task as usize % 2].clone(),
            stores[(task as usize + 1) % 2].clone(),
        );
        async move {
            for round in 0..15 {
                let number = 100 + task * 100 + round;
                put(&*own, [turn(number).model("m").cost(1)]).await;
                assert_eq!(
                    other
                        .get_interaction(id(number))
                        .await
                        .unwrap()
                        .unwrap()
                        .cost_micros,
                    Some(1)
                );
                say(&*other, [opinion(number, number).rating(3)]).await;
                let numbers = query("00:00:00", "2026-11-03T00:00:00Z", "UTC");
                let total = own.interaction_numbers(numbers).await.unwrap().total;
                assert!(total.total > 1 + round as i64);
            }
        }
    })
    .await;
    let mut answers = Vec::new();
    for store in &stores {
        let page = PageRequest {
            limit: 200,
            after: None,
        };
        let turns = store.list_interactions(Default::default(), page).await.unwrap();
        assert_eq!(turns.len(), 1 + 8 * 15);
        let query = query("00:00:00", "2026-11-03T00:00:00Z", "UTC");
        let answer = store.interaction_numbers(query.clone()).await.unwrap();
        check_interactions(&answer, &turns, &query);
        answers.push((turns, store.feedback_numbers(query).await.unwrap()));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].1.total.total, 8 * 15);
    first.close().await;
    assert_eq!(
        get(&**second, 1).await.version,
        2,
        "one program ends, the other goes on"
    );
    put(&**second, [turn(9)]).await;
    second.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_programs_can_make_one_file_together() {
    let (_folder, path) = file();
    let stores = at_once(|task| {
        let path = path.clone();
        async move {
            let store = sqlite(&path, "UTC").await;
            put(&*store, [turn(task)]).await;
            store
        }
    })
    .await;
    let list = stores[0]
        .list_interactions(Default::default(), PageRequest::default())
        .await
        .unwrap();
    assert_eq!(list.len(), 8);
    for store in stores {
        store.close().await;
    }
}

#[tokio::test]
async fn a_database_of_a_much_newer_program_is_refused() {
    let (_folder, path) = made("UTC").await;
    let newer = "UPDATE properties SET value = '9999' WHERE name = 'minimum_version'";
    assert_eq!(Connection::open(&path).unwrap().execute(newer, []).unwrap(), 1);
    match try_sqlite(&path, "UTC").await.map(|_| ()) {
        Err(StoreError::TooNew { needed, known }) => {
            assert_eq!(needed, 9999);
            assert!((5..9999).contains(&known), "this program knows migration {known}");
        }
        other => panic!("{other:?}"),
    }
    let back = "UPDATE properties SET value = '1' WHERE name = 'minimum_version'";
    Connection::open(&path).unwrap().execute(back, []).unwrap();
    let store = sqlite(&path, "UTC").await;
    assert_eq!(get(&*store, 1).await, turn(1), "it was left as it was");
    store.close().await;
}

/// The release before runs on a database that the next one has expanded.
#[tokio::test]
async fn a_database_that_a_newer_program_expanded_is_accepted() {
    let (_folder, path) = made("UTC").await;
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "ALTER TABLE interactions ADD COLUMN mood TEXT;
             ALTER TABLE feedback ADD COLUMN weight INTEGER NOT NULL DEFAULT 1;
             ALTER TABLE interaction_rollups ADD COLUMN moods INTEGER NOT NULL DEFAULT 0;
             ALTER TABLE api_keys ADD COLUMN owner TEXT;
             CREATE TABLE novelties (id BLOB NOT NULL PRIMARY KEY) STRICT;
             CREATE INDEX interactions_by_mood ON interactions (mood);
             INSERT INTO properties (name, value) VALUES ('novelty', 'yes');
             INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
             VALUES (9000, 'novelties', '2027-01-01T00:00:00Z', '1234567890');",
        )
        .unwrap();
    for number in 10..12 {
        let store = sqlite(&path, "UTC").await;
        assert_eq!(get(&*store, 1).await, turn(1));
        put(&*store, [turn(number).cost(3)]).await;
        say(&*store, [opinion(number, number).rating(4)]).await;
        let query = query("00:00:00", "2026-11-03T00:00:00Z", "UTC");
        let numbers = store.interaction_numbers(query.clone()).await.unwrap();
        assert_eq!(numbers.total.cost_micros.sum, 3 * (number as i64 - 9));
        assert_eq!(
            store.feedback_numbers(query).await.unwrap().total.ratings[3],
            number as i64 - 9
        );
        store.close().await;
    }
}

#[tokio::test]
async fn another_zone_at_the_next_start_gives_its_days() {
    let (_folder, path) = file();
    let range = ("2026-10-20T00:00:00Z", "2026-11-10T00:00:00Z");
    let turns = [
        turn(1).at("2026-11-01T20:00:00Z"),
        turn(2).at("2026-11-02T12:00:00Z"),
        turn(3).at("2026-11-02T23:30:00Z"),
        turn(4).at("2026-10-25T22:30:00Z"),
    ];
    let (first, last) = turns.split_at(2);
    for (round, shop) in ["UTC", "Europe/Paris", "Asia/Kolkata", "UTC"]
        .into_iter()
        .enumerate()
    {
        let store = sqlite(&path, shop).await;
        match round {
            0 => put(&*store, first.to_vec()).await,
            // Written, not asked about: these quarters are dirty when the zone changes.
            1 => put(&*store, last.to_vec()).await,
            _ => {}
        }
        let known = if round == 0 { first } else { &turns[..] };
        for zone in [shop, "UTC", "America/Sao_Paulo"]
            .into_iter()
            .filter(|_| round != 1)
        {
            let query = query(range.0, range.1, zone);
            let answer = store.interaction_numbers(query.clone()).await.unwrap();
            check_interactions(&answer, known, &query);
        }
        if round == 2 {
            let days = store
                .interaction_numbers(query(range.0, range.1, shop))
                .await
                .unwrap()
                .by_day;
            let days: Vec<_> = days
                .into_iter()
                .map(|(day, rollup)| (day, rollup.total))
                .collect();
            let expected = [
                (date(2026, 10, 26), 1),
                (date(2026, 11, 2), 2),
                (date(2026, 11, 3), 1),
            ];
            assert_eq!(days, expected);
        }
        store.close().await;
    }
}
