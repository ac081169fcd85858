//! Funnels and orders of random shops are those that brute force over all turns and events finds.

use crate::builders::*;
use crate::funnels::{happen, orders};
use crate::on_each_store;
use domain::analytics::{FunnelRollup, OrderRollup, StatsFilter, TimeRange, zone};
use domain::events::{Event, EventType};
use domain::interactions::{Interaction, InteractionType};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use store::{NumbersQuery, Store, UpdateOutcome};
use uuid::Uuid;

const MINUTE: i64 = 60_000_000;
const WINDOWS: [i64; 3] = [60 * MINUTE, 24 * 60 * MINUTE, 7 * 24 * 60 * MINUTE];

/// All that a shop knows.
#[derive(Default)]
struct Shop {
    turns: Vec<Interaction>,
    events: Vec<Event>,
}

/// A time within 12 days, in one of which clocks go back; often just beside others.
fn moment(dice: &mut Dice) -> Timestamp {
    let start = at("2026-10-20T00:00:00Z");
    let day = dice.below(12) as i64;
    let minute = if dice.below(3) == 0 {
        dice.below(1440) as i64
    } else {
        dice.below(40) as i64 * 15
    };
    later(start, (day * 1440 + minute) * MINUTE)
}

fn random_turn(dice: &mut Dice, number: u128) -> Interaction {
    let products: Vec<String> = (0..dice.below(3))
        .map(|_| dice.of(&["a", "b", "c"]).to_owned())
        .collect();
    Interaction {
        product_ids: products,
        user_id: dice.maybe(&["u", "v"]).map(str::to_owned),
        model: dice.maybe(&["m", "n"]).map(str::to_owned),
        channel: dice.maybe(&["web"]).map(str::to_owned),
        prompt_version: dice.maybe(&["1", "2"]).map(str::to_owned),
        kind: dice.of(&[InteractionType::Chat, InteractionType::Search]),
        cost_micros: dice.maybe(&[3, 5]),
        ..turn(number)
            .moment(moment(dice))
            .session(dice.of(&["r", "s", "t", "x"]))
    }
}

fn random_event(dice: &mut Dice, number: u128) -> Event {
    use EventType::{AddToCart, Click, Order, ProductView};
    let mut event = event(number)
        .moment(moment(dice))
        .session(dice.of(&["r", "s", "t", "y"]))
        .kind(dice.of(&[ProductView, ProductView, AddToCart, Order, Order, Click]));
    event.user_id = dice.maybe(&["u", "v"]).map(str::to_owned);
    event.product_id = dice.maybe(&["a", "b", "c"]).map(str::to_owned);
    if dice.below(6) == 0 {
        // Of a turn that there may be, or not yet.
        event.interaction_id = Some(id(1 + u128::from(dice.below(40))));
    }
    if event.kind == Order {
        event.order_id = Some(format!("o-{}", dice.below(12)));
        if dice.below(2) == 0 {
            event.product_id = None;
        }
        if dice.below(3) == 0 {
            event.properties = serde_json::from_str(r#"{"product_ids": ["b", 7, "z"]}"#).ok();
        }
        if let Some(currency) = dice.maybe(&["EUR", "USD"]) {
            event = event.value(dice.below(100), currency);
        }
    }
    event
}

impl Shop {
    fn related(turn: &Interaction, event: &Event) -> bool {
        turn.session_id == event.session_id || (turn.user_id.is_some() && turn.user_id == event.user_id)
    }

    fn is_counted(&self, event: &Event) -> bool {
        let earlier = |other: &&Event| {
            other.kind == EventType::Order
                && other.order_id == event.order_id
                && (other.occurred_at, other.id) < (event.occurred_at, event.id)
        };
        match event.kind {
            EventType::ProductView | EventType::AddToCart => true,
            EventType::Order => !self.events.iter().any(|other| earlier(&other)),
            _ => false,
        }
    }

    /// Whether the event may be credited to the turn, time aside.
    fn qualifies(&self, turn: &Interaction, event: &Event) -> bool {
        if let Some(named) = event.interaction_id
            && self.turns.iter().any(|turn| turn.id == named)
        {
            return named == turn.id;
        }
        let mut products: Vec<&str> = event.product_id.as_deref().into_iter().collect();
        if event.kind == EventType::Order && event.properties.is_some() {
            products.extend(["b", "z"]);
        }
        let shows = |product: &str| turn.product_ids.iter().any(|own| own == product);
        if !Self::related(turn, event) {
            return false;
        }
        if event.kind != EventType::Order || !products.is_empty() {
            return products.iter().any(|product| shows(product));
        }
        self.events.iter().any(|seen| {
            let same = seen.session_id == event.session_id
                || (seen.user_id.is_some() && seen.user_id == event.user_id);
            same && matches!(seen.kind, EventType::ProductView | EventType::AddToCart)
                && (turn.started_at..=event.occurred_at).contains(&seen.occurred_at)
                && (seen.interaction_id == Some(turn.id) || seen.product_id.as_deref().is_some_and(shows))
        })
    }

    /// For each rule, which turn each event is credited to.
    fn credited(&self) -> Vec<HashMap<Uuid, Vec<&Event>>> {
        let mut rules = vec![HashMap::<Uuid, Vec<&Event>>::new(); 6];
        for event in self.events.iter().filter(|event| self.is_counted(event)) {
            for (window, length) in WINDOWS.iter().enumerate() {
                let mut turns: Vec<_> = self
                    .turns
                    .iter()
                    .filter(|turn| {
                        let lag = event.occurred_at.as_microsecond() - turn.started_at.as_microsecond();
                        (0..*length).contains(&lag) && self.qualifies(turn, event)
                    })
                    .collect();
                turns.sort_by_key(|turn| (turn.started_at, turn.id));
                for (place, turn) in [(window, turns.first()), (3 + window, turns.last())] {
                    if let Some(turn) = turn {
                        rules[place].entry(turn.id).or_default().push(event);
                    }
                }
            }
        }
        rules
    }

    fn funnel(&self, wanted: impl Fn(&Interaction) -> bool) -> FunnelRollup {
        let rules = self.credited();
        let mut sum = FunnelRollup::default();
        for turn in self.turns.iter().filter(|turn| wanted(turn)) {
            sum.total += 1;
            let led = rules.iter().any(|rule| rule.contains_key(&turn.id));
            sum.shown += i64::from(led || !turn.product_ids.is_empty());
            sum.cost_micros
                .record(turn.cost_micros.map(|micros| micros as i64));
            for (place, rule) in rules.iter().enumerate() {
                let Some(events) = rule.get(&turn.id) else {
                    continue;
                };
                let orders: Vec<_> = events
                    .iter()
                    .filter(|event| event.kind == EventType::Order)
                    .collect();
                sum.viewed[place] += 1;
                sum.carted[place] +=
                    i64::from(events.iter().any(|event| event.kind != EventType::ProductView));
                sum.ordered[place] += i64::from(!orders.is_empty());
                sum.orders[place] += orders.len() as i64;
                for order in orders {
                    if let (Some(value), Some(currency)) = (order.value_micros, &order.currency) {
                        let worth = sum.revenue.entry(currency.clone()).or_default();
                        worth.orders[place] += 1;
                        worth.micros[place] += value as i64;
                    }
                }
            }
        }
        sum
    }

    fn orders(&self, range: TimeRange, shop: &str) -> BTreeMap<(jiff::civil::Date, String), OrderRollup> {
        let mut days: BTreeMap<_, OrderRollup> = BTreeMap::new();
        let counted = self
            .events
            .iter()
            .filter(|event| event.kind == EventType::Order && self.is_counted(event));
        for order in counted.filter(|order| range.from <= order.occurred_at && order.occurred_at < range.to) {
            let day = order.occurred_at.to_zoned(zone(shop).unwrap()).date();
            let currency = order.currency.clone().unwrap_or_default();
            let rollup = days.entry((day, currency)).or_default();
            rollup.total += 1;
            rollup.value_micros += order.value_micros.unwrap_or_default() as i64;
        }
        days
    }
}

async fn compare(store: &dyn Store, shop: &Shop, dice: &mut Dice, zone_name: &str) {
    let (one, other) = (moment(dice), moment(dice));
    let range = TimeRange {
        from: one.min(other),
        to: later(one.max(other), 1 + dice.below(900) as i64 * 1_000_000),
    };
    let filter = StatsFilter {
        kind: dice.maybe(&[InteractionType::Chat]),
        model: dice.maybe(&["m"]).map(str::to_owned),
        channel: dice.maybe(&["web"]).map(str::to_owned).filter(|_| one < other),
        prompt_version: dice.maybe(&["2"]).map(str::to_owned).filter(|_| one > other),
    };
    let query = NumbersQuery {
        range,
        zone: zone(zone_name).unwrap(),
        filter: filter.clone(),
    };
    let found = store.funnel_numbers(query).await.unwrap();
    let wanted = |turn: &Interaction| {
        range.from <= turn.started_at
            && turn.started_at < range.to
            && filter.kind.is_none_or(|kind| kind == turn.kind)
            && [
                (&filter.model, &turn.model),
                (&filter.channel, &turn.channel),
                (&filter.prompt_version, &turn.prompt_version),
            ]
            .iter()
            .all(|(wanted, own)| wanted.is_none() || wanted == own)
    };
    assert_eq!(found.total, shop.funnel(wanted), "{range:?} {filter:?}");
    for (name, rollup) in &found.by_model {
        let expected = shop.funnel(|turn| wanted(turn) && turn.model.as_deref().unwrap_or_default() == name);
        assert_eq!(*rollup, expected, "{range:?} {filter:?} {name}");
    }
    for (name, rollup) in &found.by_prompt_version {
        let own = |turn: &Interaction| turn.prompt_version.as_deref().unwrap_or_default() == name;
        assert_eq!(
            *rollup,
            shop.funnel(|turn| wanted(turn) && own(turn)),
            "{range:?} {filter:?} {name}"
        );
    }
    let orders = orders(store, range, zone_name).await;
    assert_eq!(orders, shop.orders(range, zone_name), "{range:?}");
}

/// Turns and events come in any order; numbers are asked for in between, so that most of them change what was counted.
async fn random_shop(store: &dyn Store, seed: u64, rounds: usize, zones: [&str; 2]) {
    let (mut dice, mut shop, mut number) = (Dice(seed), Shop::default(), 0);
    for _ in 0..rounds {
        let mut numbered = |_| {
            number += 1;
            number
        };
        let turns: Vec<_> = (0..dice.below(5)).map(&mut numbered).collect();
        let events: Vec<_> = (0..dice.below(9)).map(&mut numbered).collect();
        let turns: Vec<_> = turns
            .into_iter()
            .map(|number| random_turn(&mut dice, number))
            .collect();
        let events: Vec<_> = events
            .into_iter()
            .map(|number| random_event(&mut dice, number))
            .collect();
        put(store, turns.clone()).await;
        happen(store, events.clone()).await;
        shop.turns.extend(turns);
        shop.events.extend(events);
        if let Some(place) = (dice.below(2) as usize)
            .checked_sub(1)
            .filter(|_| !shop.turns.is_empty())
        {
            let place = (place + dice.below(shop.turns.len() as u64) as usize) % shop.turns.len();
            let changed = &mut shop.turns[place];
            changed.product_ids = vec![dice.of(&["a", "b"]).to_owned()];
            changed.user_id = dice.maybe(&["u", "v"]).map(str::to_owned);
            changed.model = dice.maybe(&["m", "n"]).map(str::to_owned);
            let updated = store
                .update_interaction(changed.clone(), changed.version)
                .await
                .unwrap();
            assert_eq!(updated, UpdateOutcome::Updated);
            changed.version += 1;
        }
        let zone = dice.of(&zones);
        compare(store, &shop, &mut dice, zone).await;
    }
}

#[tokio::test]
async fn random_shops_across_the_end_of_summer_time() {
    on_each_store("Europe/Berlin", async |store| {
        random_shop(&*store, 1, 14, ["Europe/Berlin", "Asia/Kolkata"]).await;
    })
    .await;
}

#[tokio::test]
async fn random_shops_at_a_quarter_past() {
    on_each_store("Asia/Kathmandu", async |store| {
        random_shop(&*store, 2, 14, ["Asia/Kathmandu", "America/New_York"]).await;
    })
    .await;
}

#[tokio::test]
async fn many_random_shops() {
    for seed in 10..22 {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::sqlite(&folder.path().join("pravis.db"), "Europe/Berlin").await;
        random_shop(&*store, seed, 16, ["Europe/Berlin", "UTC"]).await;
        store.close().await;
    }
}
