//! Forgetting client events without changing what turns led to, or what was ordered.

use crate::builders::*;
use crate::funnels::{cart, happen, november, order, orders, view};
use crate::on_each_store;
use domain::analytics::{OrderRollup, TimeRange};
use domain::events::Event;
use jiff::civil::Date;
use std::collections::BTreeMap;
use store::{CreateOutcome, EventQuota, EventsCreated, Store, UpdateOutcome};

/// Orders of November by day and currency.
async fn ordered(store: &dyn Store) -> BTreeMap<(Date, String), OrderRollup> {
    let range = TimeRange {
        from: at("2026-11-01T00:00:00Z"),
        to: at("2026-12-01T00:00:00Z"),
    };
    orders(store, range, "UTC").await
}

/// Whether the same events, sent again, are new: then they had been removed.
async fn are_gone(store: &dyn Store, events: impl IntoIterator<Item = Event>) -> Vec<bool> {
    let quota = EventQuota {
        key_id: id(1),
        day: at("00:00:00"),
        most: None,
    };
    let created = store
        .create_events(events.into_iter().collect(), quota)
        .await
        .unwrap();
    let EventsCreated::Done(outcomes) = created else {
        panic!("no quota")
    };
    outcomes
        .iter()
        .map(|outcome| *outcome == CreateOutcome::Created)
        .collect()
}

/// Writes the turn again, so that what it led to is looked up anew.
async fn touch(store: &dyn Store, number: u128) {
    let mut turn = get(store, number).await.model("touched");
    turn.version += 1;
    let expected = turn.version - 1;
    let updated = store.update_interaction(turn, expected).await.unwrap();
    assert_eq!(updated, UpdateOutcome::Updated);
}

#[tokio::test]
async fn what_events_led_to_stays_counted_with_their_turns_and_orders() {
    on_each_store("Asia/Kolkata", async |store| {
        put(&*store, [turn(1).session("s").shows(&["dress"]).model("touched")]).await;
        let sale = || order(3, "10:20:00", "o").product("dress").value(9, "EUR");
        let told_again = || order(4, "10:40:00", "o").value(9, "EUR");
        happen(
            &*store,
            [
                view(1, "10:05:00", "dress"),
                cart(2, "10:10:00", "dress"),
                sale(),
                told_again(),
                order(5, "10:41:00", "p"),
                event(6).at("10:42:00"),
                // Young, and of another session: it needs nothing of what is old.
                order(7, "11:05:00", "q").value(3, "EUR").session("young"),
            ],
        )
        .await;
        // Nothing of it was counted before.
        assert_eq!(store.remove_events_before(at("11:00:00")).await.unwrap(), 6);
        let (funnel, sold) = (november(&*store).await, ordered(&*store).await);
        assert_eq!(funnel.total.viewed, [1; 6]);
        assert_eq!(funnel.total.carted, [1; 6]);
        // The one without a product is credited by the view, which goes, too.
        assert_eq!(funnel.total.orders, [2; 6]);
        assert_eq!(funnel.total.revenue["EUR"].micros, [9; 6]);
        let sums: Vec<_> = sold
            .iter()
            .map(|((_, currency), sum)| (currency.as_str(), sum.total, sum.value_micros))
            .collect();
        assert_eq!(sums, [("", 1, 0), ("EUR", 2, 12)]);

        touch(&*store, 1).await;
        assert_eq!(november(&*store).await, funnel);
        assert_eq!(store.remove_events_before(at("11:00:00")).await.unwrap(), 0);
        // The same quarter is written once more.
        happen(&*store, [order(8, "10:21:00", "late").value(5, "EUR")]).await;
        assert_eq!(store.remove_events_before(at("11:00:00")).await.unwrap(), 1);
        let total = ordered(&*store)
            .await
            .values()
            .map(|sum| sum.value_micros)
            .sum::<i64>();
        assert_eq!(total, 17);
        // The turn goes last, and takes along what it was credited with.
        store.remove_interactions_before(at("11:00:00")).await.unwrap();
        assert_eq!(november(&*store).await, funnel);
    })
    .await;
}

#[tokio::test]
async fn an_order_stays_whole_with_what_it_is_credited_by() {
    on_each_store("UTC", async |store| {
        put(
            &*store,
            [
                turn(1).session("s").shows(&["dress"]).model("touched"),
                turn(2).session("t").user("ben").shows(&["hat"]).model("touched"),
            ],
        )
        .await;
        let first = || order(2, "10:20:00", "o").value(9, "EUR");
        let second = || order(3, "11:20:00", "o").value(9, "EUR");
        let hat = || view(5, "10:09:00", "hat").session("u").user("ben");
        let scarf = || view(7, "10:08:00", "scarf").session("nobody");
        happen(
            &*store,
            [
                // A bare order is of what was seen before it.
                view(1, "10:05:00", "dress"),
                first(),
                second(),
                // Seen by the user, ordered by the user elsewhere.
                hat(),
                order(6, "11:30:00", "p").session("v").user("ben"),
                scarf(),
            ],
        )
        .await;
        let (funnel, sold) = (november(&*store).await, ordered(&*store).await);
        assert_eq!(funnel.total.orders[1], 2, "both within a day");
        assert_eq!(store.remove_events_before(at("11:00:00")).await.unwrap(), 1);
        for number in [1, 2] {
            touch(&*store, number).await;
        }
        assert_eq!(november(&*store).await, funnel);
        assert_eq!(ordered(&*store).await, sold);
        let all = [view(1, "10:05:00", "dress"), first(), second(), hat(), scarf()];
        assert_eq!(are_gone(&*store, all).await, [false, false, false, false, true]);

        // The whole order at once, though its events are of different quarters.
        assert_eq!(store.remove_events_before(at("11:25:00")).await.unwrap(), 4);
        assert_eq!(ordered(&*store).await, sold);
        for number in [1, 2] {
            touch(&*store, number).await;
        }
        assert_eq!(november(&*store).await, funnel);
    })
    .await;
}
