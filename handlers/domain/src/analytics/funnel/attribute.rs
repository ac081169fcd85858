//! Which turns an event is credited to.

use super::{Credit, Touch, Window};
use crate::events::EventType;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How long before an event its turn may be, at most.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Turns that are looked at for one event, the latest ones. No shopper has as many in a week; an id that a whole shop
/// shares does, and would make each event cost as much as all turns.
pub const MOST_TURNS: usize = 200;
/// Sessions of one user that are looked at for one event, the latest ones.
pub const MOST_SESSIONS: usize = 64;

/// A turn that an event may be credited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelTurn {
    /// Its id.
    pub id: Uuid,
    /// When it began.
    pub started_at: Timestamp,
    /// What it showed.
    pub product_ids: Vec<String>,
}

/// A product that was viewed or carted before an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// Which.
    pub product_id: Option<String>,
    /// The turn that led to it, where the page knew.
    pub interaction_id: Option<Uuid>,
}

/// A product view, a cart or an order.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelEvent {
    /// Its id.
    pub id: Uuid,
    /// Which of the three.
    pub kind: EventType,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The products that it names.
    pub product_ids: Vec<String>,
}

impl FunnelEvent {
    /// An event with the products of `product_id`, and, of an order, of the list `product_ids` of its properties.
    pub fn new(
        id: Uuid,
        kind: EventType,
        occurred_at: Timestamp,
        product_id: Option<String>,
        properties: Option<&Map<String, Value>>,
    ) -> Self {
        let listed = properties
            .filter(|_| kind == EventType::Order)
            .and_then(|properties| properties.get("product_ids")?.as_array());
        let listed = listed
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned);
        Self {
            id,
            kind,
            occurred_at,
            product_ids: product_id.into_iter().chain(listed).collect(),
        }
    }

    /// Whether it is an order that does not say of what: then what was seen before it counts.
    pub fn is_bare_order(&self) -> bool {
        self.kind == EventType::Order && self.product_ids.is_empty()
    }
}

/// The turns that the event is credited to, and under which rules; under each rule at most one.
///
/// `named` is the turn that the event itself names: where there is one, no other qualifies. Else those of `related`, the
/// turns of its session and user, that showed one of its products qualify. Of a bare order they are those that showed
/// what was viewed or carted since, or that such an event names (`seen`, events of the order's session and user before it).
pub fn credits(
    event: &FunnelEvent,
    named: Option<&FunnelTurn>,
    related: &[FunnelTurn],
    seen: &[Seen],
) -> BTreeMap<Uuid, Credit> {
    let shows = |turn: &FunnelTurn, product: &String| turn.product_ids.contains(product);
    let qualifies = |turn: &&FunnelTurn| {
        if event.is_bare_order() {
            seen.iter().any(|seen| {
                turn.started_at <= seen.at
                    && seen.at <= event.occurred_at
                    && match seen.interaction_id {
                        Some(named) if named == turn.id => true,
                        _ => seen
                            .product_id
                            .as_ref()
                            .is_some_and(|product| shows(turn, product)),
                    }
            })
        } else {
            event.product_ids.iter().any(|product| shows(turn, product))
        }
    };
    let candidates: Vec<&FunnelTurn> = match named {
        Some(turn) => vec![turn],
        None => related.iter().filter(qualifies).collect(),
    };
    let mut credits: BTreeMap<Uuid, Credit> = BTreeMap::new();
    for window in Window::ALL {
        let within = candidates.iter().filter(|turn| {
            let lag = event.occurred_at.duration_since(turn.started_at);
            !lag.is_negative() && lag < window.length()
        });
        let place = |turn: &&&FunnelTurn| (turn.started_at, turn.id);
        for (touch, turn) in [
            (Touch::First, within.clone().min_by_key(place)),
            (Touch::Last, within.max_by_key(place)),
        ] {
            if let Some(turn) = turn {
                credits.entry(turn.id).or_default().give(touch, *window);
            }
        }
    }
    credits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
    }

    fn turn(id: u128, hour: i64, products: &[&str]) -> FunnelTurn {
        FunnelTurn {
            id: Uuid::from_u128(id),
            started_at: at(hour),
            product_ids: products.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn event(kind: EventType, hour: i64, products: &[&str]) -> FunnelEvent {
        FunnelEvent {
            id: Uuid::nil(),
            kind,
            occurred_at: at(hour),
            product_ids: products.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// Who is credited under each rule, 0 for nobody.
    fn rules(
        event: &FunnelEvent,
        named: Option<&FunnelTurn>,
        related: &[FunnelTurn],
        seen: &[Seen],
    ) -> [u128; 6] {
        let mut rules = [0; 6];
        for (id, credit) in credits(event, named, related, seen) {
            for (place, rule) in rules.iter_mut().enumerate() {
                if credit.has(place) {
                    assert_eq!(*rule, 0, "credited twice");
                    *rule = id.as_u128();
                }
            }
        }
        rules
    }

    #[test]
    fn first_and_last_touch_within_each_window() {
        let turns = [
            turn(1, 0, &["a"]),
            turn(2, 30, &["a", "b"]),
            turn(3, 47, &["a"]),
            turn(4, 47, &["b"]),
        ];
        let view = event(EventType::ProductView, 47, &["a"]);
        assert_eq!(rules(&view, None, &turns, &[]), [3, 2, 1, 3, 3, 3]);
        let early = event(EventType::AddToCart, 29, &["a"]);
        assert_eq!(rules(&early, None, &turns, &[]), [0, 0, 1, 0, 0, 1]);
        let late = event(EventType::AddToCart, 30 + 168, &["b"]);
        assert_eq!(
            rules(&late, None, &turns, &[]),
            [0, 0, 4, 0, 0, 4],
            "a window is half-open"
        );
        let before = event(EventType::ProductView, -1, &["a"]);
        assert_eq!(rules(&before, None, &turns, &[]), [0; 6]);
        assert_eq!(
            rules(&event(EventType::ProductView, 47, &[]), None, &turns, &[]),
            [0; 6]
        );
    }

    #[test]
    fn a_named_turn_is_the_only_one() {
        let (named, other) = (turn(1, 0, &[]), [turn(2, 1, &["a"])]);
        let order = event(EventType::Order, 2, &["a"]);
        assert_eq!(rules(&order, Some(&named), &other, &[]), [0, 1, 1, 0, 1, 1]);
    }

    #[test]
    fn a_bare_order_is_of_what_was_seen_since_the_turn() {
        let turns = [
            turn(1, 0, &["a"]),
            turn(2, 2, &["b"]),
            turn(3, 4, &["a"]),
            turn(4, 5, &[]),
        ];
        let seen = |hour, product: &str, named: Option<u128>| Seen {
            at: at(hour),
            product_id: Some(product.to_owned()),
            interaction_id: named.map(Uuid::from_u128),
        };
        let order = event(EventType::Order, 6, &[]);
        assert_eq!(rules(&order, None, &turns, &[]), [0; 6]);
        assert_eq!(
            rules(&order, None, &turns, &[seen(1, "a", None), seen(3, "b", None)])[1..3],
            [1, 1]
        );
        assert_eq!(
            rules(&order, None, &turns, &[seen(1, "a", None), seen(3, "b", None)])[4..],
            [2, 2]
        );
        assert_eq!(
            rules(&order, None, &turns, &[seen(7, "a", None)]),
            [0; 6],
            "after the order"
        );
        assert_eq!(rules(&order, None, &turns, &[seen(5, "x", Some(4))])[5], 4);
        assert_eq!(
            rules(
                &event(EventType::Order, 6, &["x"]),
                None,
                &turns,
                &[seen(5, "a", None)]
            ),
            [0; 6]
        );
    }
}
