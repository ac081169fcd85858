//! Usage where programs come after or beside each other: in another zone, or at the same time.

use super::brute_usage::{Told, numbers};
use super::builders::{BuildTurn, at, later, put, turn};
use super::concurrency::{TASKS, at_once};
use super::{azure_sql, sqlite};
use domain::interactions::Interaction;
use domain::usage::UsageRange;
use jiff::civil::date;
use jiff::tz::TimeZone;
use std::path::PathBuf;
use std::sync::Arc;
use store::{Store, UpdateOutcome, UsageQuery};

/// A database that can be opened again.
enum Database {
    File {
        path: PathBuf,
        _folder: tempfile::TempDir,
    },
    Server(azure_sql::Database),
}

impl Database {
    /// One of each backend.
    async fn all() -> Vec<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut all = vec![Self::File {
            path: folder.path().join("pravis.db"),
            _folder: folder,
        }];
        all.extend(azure_sql::Database::create().await.map(Self::Server));
        all
    }

    async fn open(&self, zone: &str) -> Arc<dyn Store> {
        match self {
            Self::File { path, .. } => sqlite(path, zone).await,
            Self::Server(database) => database.open(zone).await,
        }
    }

    async fn remove(self) {
        if let Self::Server(database) = self {
            database.remove().await;
        }
    }
}

fn everything() -> UsageQuery {
    UsageQuery {
        range: UsageRange {
            first: date(2026, 10, 1),
            end: date(2026, 12, 1),
        },
        channel: None,
        open_since: at("2026-11-30T00:00:00Z"),
    }
}

fn told(turns: &[Interaction]) -> Vec<Told> {
    let live = |turn: &Interaction| Told {
        turn: turn.clone(),
        generation: 0,
        removed: false,
    };
    turns.iter().map(live).collect()
}

#[tokio::test]
async fn a_shop_that_moves_counts_by_the_days_of_its_new_zone() {
    let turns: Vec<_> = (0..24)
        .map(|number| {
            let moment = later(at("2026-10-20T00:00:00Z"), number as i64 * 27 * 3_600_000_000);
            turn(number)
                .moment(moment)
                .session(&format!("s{}", number / 3))
                .user(&format!("u{}", number % 5))
        })
        .collect();
    for database in Database::all().await {
        for zone in ["UTC", "America/Sao_Paulo", "Asia/Kathmandu", "UTC"] {
            let store = database.open(zone).await;
            if zone == "UTC" {
                store.create_interactions(turns.clone()).await.unwrap();
            }
            let answer = store.usage_numbers(everything()).await.unwrap();
            let zone = TimeZone::get(zone).unwrap();
            assert_eq!(answer, numbers(&told(&turns), &zone, &everything()), "{zone:?}");
            store.close().await;
        }
        // What was removed keeps the days that it was counted under.
        let store = database.open("UTC").await;
        store
            .remove_interactions_before(at("2026-12-01T00:00:00Z"))
            .await
            .unwrap();
        let before = store.usage_numbers(everything()).await.unwrap();
        store.close().await;
        let store = database.open("Asia/Kathmandu").await;
        assert_eq!(store.usage_numbers(everything()).await.unwrap(), before);
        store.close().await;
        database.remove().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn programs_that_recount_at_once_count_everything_once() {
    for database in Database::all().await {
        let programs = [database.open("UTC").await, database.open("UTC").await];
        at_once(|task| {
            let store = programs[task as usize % 2].clone();
            async move {
                for round in 0..8 {
                    let own = visit(task, round);
                    put(&*store, [own.clone()]).await;
                    let counted = store.usage_numbers(everything()).await.unwrap();
                    assert!(
                        counted.sessions.turns > round as i64,
                        "what was stored is counted"
                    );
                    let changed = Interaction {
                        version: 2,
                        ..own.user("late")
                    };
                    let outcome = store.update_interaction(changed, 1).await.unwrap();
                    assert_eq!(outcome, UpdateOutcome::Updated);
                }
            }
        })
        .await;
        let mut turns = Vec::new();
        for task in 0..TASKS {
            turns.extend((0..8).map(|round| visit(task, round).user("late")));
        }
        for store in &programs {
            let answer = store.usage_numbers(everything()).await.unwrap();
            assert_eq!(answer, numbers(&told(&turns), &TimeZone::UTC, &everything()));
            store.close().await;
        }
        database.remove().await;
    }
}

/// Sessions that the tasks share, each over several quarters.
fn visit(task: u128, round: u128) -> Interaction {
    turn(task * 100 + round)
        .moment(later(at("10:00:00"), (round * 10 + task) as i64 * 60_000_000))
        .session(&format!("s{}", task / 2))
        .user(&format!("u{task}"))
}
