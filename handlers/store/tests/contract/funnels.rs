//! What turns led to, worked out by hand.

use crate::builders::*;
use crate::on_each_store;
use domain::analytics::series::Buckets;
use domain::analytics::{
    Credit, Dimension, FunnelRollup, OrderRollup, StatsFilter, TimeRange, Touch, Window, zone,
};
use domain::events::{Event, EventType};
use jiff::civil::Date;
use std::collections::BTreeMap;
use store::CreateOutcome::Created;
use store::{EventQuota, EventsCreated, FunnelNumbers, NumbersQuery, SeriesQuery, Store};

/// Stores new events in one batch.
pub(crate) async fn happen(store: &dyn Store, events: impl IntoIterator<Item = Event>) {
    let events: Vec<_> = events.into_iter().collect();
    let created = EventsCreated::Done(vec![Created; events.len()]);
    let quota = EventQuota {
        key_id: id(1),
        day: at("00:00:00"),
        most: None,
    };
    assert_eq!(store.create_events(events, quota).await.unwrap(), created);
}

/// The funnel of the turns that began in November.
pub(crate) async fn november(store: &dyn Store) -> FunnelNumbers {
    let range = TimeRange {
        from: at("2026-11-01T00:00:00Z"),
        to: at("2026-12-01T00:00:00Z"),
    };
    let query = NumbersQuery {
        range,
        zone: zone("UTC").unwrap(),
        filter: StatsFilter::default(),
    };
    store.funnel_numbers(query).await.unwrap()
}

/// The orders of a range by day of a zone and currency.
pub(crate) async fn orders(
    store: &dyn Store,
    range: TimeRange,
    name: &str,
) -> BTreeMap<(Date, String), OrderRollup> {
    let zone = zone(name).unwrap();
    let buckets = Buckets::days(range, &zone);
    let query = SeriesQuery {
        edges: buckets.edges.clone(),
        filter: StatsFilter::default(),
        group_by: Some(Dimension::Currency),
        parts: &[],
    };
    let counted = store.order_series(query.clone()).await.unwrap();
    let of_day = |bucket: usize| buckets.starts[bucket].to_zoned(zone.clone()).date();
    let days: BTreeMap<_, _> = counted
        .into_iter()
        .flat_map(|(currency, points)| {
            points
                .into_iter()
                .map(move |(bucket, rollup)| ((of_day(bucket), currency.clone()), rollup))
        })
        .collect();
    let all = store
        .order_series(SeriesQuery {
            group_by: None,
            ..query
        })
        .await
        .unwrap();
    let all: i64 = all
        .values()
        .flat_map(BTreeMap::values)
        .map(|rollup| rollup.total)
        .sum();
    assert_eq!(all, days.values().map(|rollup| rollup.total).sum::<i64>());
    days
}

/// Turns that viewed, carted, ordered, and orders, under one rule.
fn under(rollup: &FunnelRollup, touch: Touch, window: Window) -> [i64; 4] {
    let place = Credit::place(touch, window);
    [rollup.viewed, rollup.carted, rollup.ordered, rollup.orders].map(|counts| counts[place])
}

pub(crate) fn view(number: u128, time: &str, product: &str) -> Event {
    event(number)
        .at(time)
        .kind(EventType::ProductView)
        .product(product)
}

pub(crate) fn cart(number: u128, time: &str, product: &str) -> Event {
    event(number).at(time).kind(EventType::AddToCart).product(product)
}

pub(crate) fn order(number: u128, time: &str, name: &str) -> Event {
    event(number).at(time).kind(EventType::Order).order(name)
}

/// The morning of a shop.
///
/// * Ann asks at 10:00 (turn 1: dress), again at 10:50 (turn 2: dress and shoes), views the dress at 10:55, carts it at
///   11:05 and orders at 11:30 without saying what: last touch is turn 2 for all. First touch is turn 1, except within an
///   hour: of the view (55 minutes) turn 1, of the cart and the order turn 2.
/// * Ben asks at 10:00 on Monday (turn 3: hat), is signed in, and orders the hat on Wednesday in another session: two days
///   are within a week only.
/// * Cora's turn 4 shows nothing; the page says that her order at 10:20 came of it.
/// * Turn 5 shows a scarf, and nobody looks.
async fn morning(store: &dyn Store) {
    put(
        store,
        [
            turn(1).session("ann").shows(&["dress"]).model("m").cost(100),
            turn(2)
                .session("ann")
                .at("10:50:00")
                .shows(&["dress", "shoes"])
                .model("n")
                .cost(50),
            turn(3).session("ben").user("ben").shows(&["hat"]).model("m"),
            turn(4).session("cora").model("n").cost(7).prompt("2"),
            turn(5).session("dan").shows(&["scarf"]).model("m").prompt("2"),
        ],
    )
    .await;
    happen(
        store,
        [
            view(1, "10:55:00", "dress").session("ann"),
            cart(2, "11:05:00", "dress").session("ann"),
            order(3, "11:30:00", "o-1")
                .session("ann")
                .value(80_000_000, "EUR"),
            order(4, "2026-11-04T10:00:00Z", "o-2")
                .session("ben-2")
                .user("ben")
                .product("hat")
                .value(30_000_000, "USD"),
            order(5, "10:20:00", "o-3").session("cora").of_turn(4),
            // The same order told again, and one that no turn led to.
            order(6, "11:31:00", "o-1")
                .session("ann")
                .value(80_000_000, "EUR"),
            order(7, "11:31:00", "o-4")
                .session("eve")
                .product("dress")
                .value(1, "EUR"),
            event(8).session("ann"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_morning_worked_out_by_hand() {
    on_each_store("Europe/Paris", async |store| {
        morning(&*store).await;
        let FunnelNumbers {
            total,
            by_model,
            by_prompt_version,
        } = november(&*store).await;
        assert_eq!((total.total, total.shown), (5, 5), "turn 4 led to an order");
        assert_eq!((total.cost_micros.sum, total.cost_micros.count), (157, 3));
        // Last touch: turn 2 has all of Ann's, turn 4 its order; Ben's is two days old.
        assert_eq!(under(&total, Touch::Last, Window::Hour), [2, 2, 2, 2]);
        assert_eq!(under(&total, Touch::Last, Window::Day), [2, 2, 2, 2]);
        assert_eq!(under(&total, Touch::Last, Window::Week), [3, 3, 3, 3]);
        // First touch within an hour: turn 1 has the view, turn 2 cart and order, turn 4 its order.
        assert_eq!(under(&total, Touch::First, Window::Hour), [3, 2, 2, 2]);
        assert_eq!(under(&total, Touch::First, Window::Day), [2, 2, 2, 2]);
        assert_eq!(under(&total, Touch::First, Window::Week), [3, 3, 3, 3]);

        let week = Credit::place(Touch::Last, Window::Week);
        let worth: Vec<_> = total
            .revenue
            .iter()
            .map(|(currency, worth)| (currency.as_str(), worth.orders[week], worth.micros[week]))
            .collect();
        assert_eq!(worth, [("EUR", 1, 80_000_000), ("USD", 1, 30_000_000)]);
        let day = Credit::place(Touch::Last, Window::Day);
        assert_eq!(total.revenue["USD"].orders[day], 0);

        let models: Vec<_> = by_model
            .iter()
            .map(|(name, rollup)| (name.as_str(), rollup.total))
            .collect();
        assert_eq!(models, [("m", 3), ("n", 2)]);
        assert_eq!(under(&by_model[0].1, Touch::First, Window::Day), [1, 1, 1, 1]);
        assert_eq!(under(&by_model[1].1, Touch::First, Window::Day), [1, 1, 1, 1]);
        assert_eq!(under(&by_model[0].1, Touch::Last, Window::Day), [0; 4]);
        let versions: Vec<_> = by_prompt_version
            .iter()
            .map(|(name, rollup)| (name.as_str(), rollup.total))
            .collect();
        assert_eq!(versions, [("", 3), ("2", 2)]);
    })
    .await;
}

#[tokio::test]
async fn what_comes_late_or_changes_is_credited_anew() {
    on_each_store("UTC", async |store| {
        morning(&*store).await;
        november(&*store).await;
        // A turn that was logged late takes Ann's order; one that now shows the scarf after all had it in its session.
        put(
            &*store,
            [turn(6)
                .session("ann")
                .at("11:01:00")
                .shows(&["dress"])
                .model("late")],
        )
        .await;
        let first = november(&*store).await;
        let late = first.by_model.iter().find(|(name, _)| name == "late").unwrap();
        assert_eq!(under(&late.1, Touch::Last, Window::Hour), [1, 1, 1, 1]);
        assert_eq!(
            under(&first.total, Touch::Last, Window::Day),
            [3, 2, 2, 2],
            "turn 2 keeps the view"
        );

        happen(&*store, [view(20, "10:58:00", "scarf").session("dan")]).await;
        assert_eq!(
            under(&november(&*store).await.total, Touch::Last, Window::Day),
            [4, 2, 2, 2]
        );
        let changed = get(&*store, 5).await.shows(&["hat"]);
        store.update_interaction(changed, 1).await.unwrap();
        assert_eq!(
            under(&november(&*store).await.total, Touch::Last, Window::Day),
            [3, 2, 2, 2]
        );

        // An earlier event of the same order: it counts with that one, of which no turn is known.
        happen(&*store, [order(21, "09:00:00", "o-1").session("zoe")]).await;
        let total = november(&*store).await.total;
        assert_eq!(under(&total, Touch::Last, Window::Day), [3, 2, 1, 1]);
        assert_eq!(total.revenue.get("EUR"), None);
    })
    .await;
}

#[tokio::test]
async fn what_retention_removes_stays_counted_and_is_credited_to_no_other() {
    on_each_store("Asia/Kolkata", async |store| {
        put(
            &*store,
            [
                turn(1).session("s").at("10:00:00").shows(&["dress"]).cost(5),
                turn(2).session("s").at("10:40:00").shows(&["dress"]).cost(5),
            ],
        )
        .await;
        happen(
            &*store,
            [order(1, "10:50:00", "o").product("dress").value(9, "EUR")],
        )
        .await;
        // Not even counted yet.
        let removed = store.remove_interactions_before(at("10:30:00")).await.unwrap();
        assert_eq!(removed.interactions, 1);
        let expect = |total: &FunnelRollup| {
            assert_eq!((total.total, total.shown, total.cost_micros.sum), (2, 2, 10));
            for touch in [Touch::First, Touch::Last] {
                assert_eq!(under(total, touch, Window::Hour), [1, 1, 1, 1], "{touch:?}");
            }
            assert_eq!(total.revenue["EUR"].micros, [9; 6]);
        };
        expect(&november(&*store).await.total);
        // The order is looked at again, and so is the turn that is left.
        happen(&*store, [view(2, "10:45:00", "other")]).await;
        let changed = get(&*store, 2).await.cost(5).model("m");
        store.update_interaction(changed, 1).await.unwrap();
        let again = november(&*store).await;
        expect(&again.total);
        let of_m = again.by_model.iter().find(|(name, _)| name == "m").unwrap();
        assert_eq!(under(&of_m.1, Touch::First, Window::Hour), [0; 4]);
    })
    .await;
}

#[tokio::test]
async fn an_order_counts_once_on_the_day_of_its_first_event() {
    on_each_store("Asia/Kathmandu", async |store| {
        let counted = async || {
            let range = TimeRange {
                from: at("2026-11-01T00:00:00Z"),
                to: at("2026-11-06T00:00:00Z"),
            };
            let days = orders(&*store, range, "Asia/Kathmandu").await;
            days.into_iter()
                .map(|((day, currency), rollup)| ((day.day(), currency), (rollup.total, rollup.value_micros)))
                .collect::<BTreeMap<_, _>>()
        };
        let key = |day: i8, currency: &str| (day, currency.to_owned());
        happen(
            &*store,
            [
                // 23:59 and 00:01 there.
                order(1, "18:14:00", "a").value(5, "EUR"),
                order(2, "18:16:00", "b").value(7, "EUR"),
                order(3, "18:17:00", "b").value(7, "EUR"),
                order(4, "18:18:00", "c"),
                order(5, "18:19:00", "d").value(0, "JPY"),
            ],
        )
        .await;
        let expected = [
            (key(2, "EUR"), (1, 5)),
            (key(3, ""), (1, 0)),
            (key(3, "EUR"), (1, 7)),
            (key(3, "JPY"), (1, 0)),
        ];
        assert_eq!(counted().await, BTreeMap::from(expected.clone()));
        happen(&*store, [order(6, "18:00:00", "b").value(8, "EUR")]).await;
        let mut expected = BTreeMap::from(expected);
        expected.insert(key(2, "EUR"), (2, 13));
        expected.remove(&key(3, "EUR"));
        assert_eq!(counted().await, expected);
    })
    .await;
}
