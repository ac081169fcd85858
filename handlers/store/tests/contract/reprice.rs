//! Turns that are priced anew.

use super::builders::{BuildTurn, at, get, id, put, turn};
use super::on_each_store;
use domain::analytics::{StatsFilter, TimeRange};
use domain::audit::AuditEntry;
use domain::interactions::Interaction;
use domain::pricing::{CostChange, PricedTurn};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use store::{NumbersQuery, Store, UpdateOutcome};
use uuid::Uuid;

/// No turn.
const NONE: [Uuid; 0] = [];

fn priced(number: u128, time: &str, micros: u64) -> Interaction {
    Interaction {
        priced: true,
        ..turn(number).at(time).cost(micros).model("m").tokens_in(5)
    }
}

fn deed(number: u128) -> AuditEntry {
    AuditEntry::new(id(number), at("15:00:00"), "cli", "reprice", "turns", json!({}))
}

async fn page(store: &dyn Store, after: Option<(Timestamp, Uuid)>, limit: usize) -> Vec<PricedTurn> {
    let page = store.list_priced_turns(at("10:00:00"), at("11:00:00"), after, limit);
    page.await.unwrap()
}

fn change(turn: &Interaction, cost_micros: Option<u64>) -> CostChange {
    CostChange {
        id: turn.id,
        started_at: turn.started_at,
        version: turn.version,
        cost_micros,
    }
}

/// What the turns cost, and how many have no cost, as the numbers say.
async fn cost(store: &dyn Store) -> (i64, i64) {
    let query = NumbersQuery {
        range: TimeRange {
            from: at("00:00:00"),
            to: at("2026-11-03T00:00:00Z"),
        },
        zone: TimeZone::UTC,
        filter: StatsFilter::default(),
    };
    let numbers = store.interaction_numbers(query).await.unwrap();
    let total = numbers.total;
    (total.cost_micros.sum, total.total - total.cost_micros.count)
}

#[tokio::test]
async fn turns_that_their_clients_priced_are_not_listed() {
    on_each_store("UTC", async |store| {
        let whole = Interaction {
            provider: Some("p".into()),
            model_version: Some("v".into()),
            deployment: Some("d".into()),
            tokens_output: Some(6),
            tokens_cached: Some(4),
            audio_seconds: Some(1.25),
            characters: Some(7),
            images: Some(8),
            ..priced(3, "10:20:00", 9)
        };
        let turns = [
            priced(1, "09:59:59.999999", 1),
            priced(2, "10:00:00", 1),
            whole.clone(),
            turn(4).at("10:20:00"),
            turn(5).at("10:25:00").cost(7),
            priced(6, "10:59:59.999999", 0),
            priced(7, "11:00:00", 1),
        ];
        put(&*store, turns.clone()).await;
        let numbers = |turns: &[PricedTurn]| turns.iter().map(|turn| turn.id.as_u128()).collect::<Vec<_>>();
        let all = page(&*store, None, 9).await;
        assert_eq!(numbers(&all), [2, 3, 4, 6]);
        assert_eq!(all[1], PricedTurn::from(whole));
        assert_eq!(numbers(&page(&*store, None, 2).await), [2, 3]);
        let after = Some((at("10:20:00"), id(3)));
        assert_eq!(numbers(&page(&*store, after, 2).await), [4, 6]);
        let end = Some((at("10:59:59.999999"), id(6)));
        assert_eq!(page(&*store, end, 2).await, []);
    })
    .await;
}

#[tokio::test]
async fn who_priced_a_turn_is_kept_with_it() {
    on_each_store("UTC", async |store| {
        put(&*store, [priced(1, "10:00:00", 5), turn(2).cost(6)]).await;
        assert_eq!(get(&*store, 1).await, priced(1, "10:00:00", 5));
        assert!(!get(&*store, 2).await.priced);
        let own = Interaction {
            version: 2,
            priced: false,
            ..priced(1, "10:00:00", 8)
        };
        let outcome = store.update_interaction(own.clone(), 1).await.unwrap();
        assert_eq!((outcome, get(&*store, 1).await), (UpdateOutcome::Updated, own));
    })
    .await;
}

#[tokio::test]
async fn new_costs_are_counted_and_told() {
    on_each_store("UTC", async |store| {
        let turns = [
            priced(1, "10:00:00", 5),
            priced(2, "10:20:00", 6),
            turn(3).at("10:40:00"),
            turn(4).cost(1_000),
        ];
        put(&*store, turns.clone()).await;
        assert_eq!(cost(&*store).await, (1_011, 1));
        let changes = vec![
            change(&turns[0], Some(50)),
            change(&turns[1], None),
            change(&turns[2], Some(0)),
        ];
        assert_eq!(store.reprice(changes, deed(1)).await.unwrap(), NONE);
        assert_eq!(cost(&*store).await, (1_050, 1));
        let expected = |before: &Interaction, cost_micros: Option<u64>| Interaction {
            cost_micros,
            priced: cost_micros.is_some(),
            version: 2,
            repricings: 1,
            updated_at: at("15:00:00"),
            ..before.clone()
        };
        assert_eq!(get(&*store, 1).await, expected(&turns[0], Some(50)));
        assert_eq!(get(&*store, 2).await, expected(&turns[1], None));
        assert_eq!(get(&*store, 3).await, expected(&turns[2], Some(0)));
        assert_eq!(get(&*store, 4).await, turns[3]);
        assert_eq!(store.list_audit_log(Default::default()).await.unwrap(), [deed(1)]);
    })
    .await;
}

#[tokio::test]
async fn with_one_stale_turn_nothing_is_done() {
    on_each_store("UTC", async |store| {
        let turns = [priced(1, "10:00:00", 5), priced(2, "10:20:00", 6)];
        put(&*store, turns.clone()).await;
        let newer = Interaction {
            version: 2,
            ..turns[1].clone()
        };
        store.update_interaction(newer.clone(), 1).await.unwrap();
        let changes = [
            change(&turns[0], Some(50)),
            change(&turns[1], Some(60)),
            change(&turn(9), Some(7)),
        ];
        let mut stale = store.reprice(changes.to_vec(), deed(1)).await.unwrap();
        stale.sort();
        assert_eq!(stale, [id(2), id(9)], "changed by another one, and gone");
        assert_eq!(cost(&*store).await, (11, 0));
        assert_eq!(store.list_audit_log(Default::default()).await.unwrap(), []);
        let rest = vec![changes[0], change(&newer, Some(60))];
        assert_eq!(store.reprice(rest.clone(), deed(1)).await.unwrap(), NONE);
        let again = store.reprice(rest, deed(1)).await.unwrap();
        assert_eq!(again.len(), 2, "what was done is found to be done");
        assert_eq!(cost(&*store).await, (110, 0));
        assert_eq!(store.reprice(Vec::new(), deed(2)).await.unwrap(), NONE);
        assert_eq!(store.list_audit_log(Default::default()).await.unwrap().len(), 1);
    })
    .await;
}
