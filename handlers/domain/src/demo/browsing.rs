//! What the shopper does in the shop around a turn, as the browser tells it.

use super::catalogue::Product;
use super::random::Random;
use super::turn::id_at;
use crate::events::{EventType, NewEvent};
use crate::interactions::NewInteraction;
use crate::time::from_micros;

/// How many of a thousand turns that show something lead to a look at it, of those to the cart, and of those to an order:
/// two of a hundred turns are followed by an order.
const LOOKS: u64 = 420;
const CARTS: u64 = 300;
const ORDERS: u64 = 210;
/// Time from one step to the next, about: a quarter of a minute, and for an order that is slept over, half a day.
const STEP: u64 = 15_000_000;
const SLEPT_OVER: u64 = 43_200_000_000;

/// The events that follow a turn which was over at `done_at`; the visit ends with it where `leaves`.
pub(super) fn around(
    turn: &NewInteraction,
    done_at: i64,
    leaves: bool,
    end: i64,
    random: Random,
) -> Vec<NewEvent> {
    let mut steps = Steps {
        turn,
        at: turn.started_at.map_or(done_at, |at| at.as_microsecond()),
        random,
        events: Vec::with_capacity(4),
    };
    if turn.parent_id.is_none() {
        steps.push(EventType::AssistantOpen, None);
    }
    steps.at = done_at;
    let shown: Vec<_> = turn.product_ids.iter().flatten().collect();
    if !shown.is_empty() && steps.random.chance(LOOKS) {
        let product = shown.get(steps.random.below(shown.len() as u64) as usize);
        let product = product.and_then(|id| Product::of(id));
        steps.after(STEP, EventType::ProductView, product);
        if steps.random.chance(CARTS) {
            steps.after(STEP, EventType::AddToCart, product);
            if steps.random.chance(ORDERS) {
                steps.buy(product);
            }
        }
    }
    while steps.random.chance(560) {
        let kind = *steps.random.pick(&[
            (EventType::PageView, 55),
            (EventType::Click, 40),
            (EventType::Error, 1),
        ]);
        steps.after(STEP, kind, None);
    }
    if leaves {
        steps.after(STEP, EventType::AssistantClose, None);
    }
    steps
        .events
        .retain(|event| event.occurred_at.is_some_and(|at| at.as_microsecond() < end));
    steps.events
}

/// A shopper's way through the shop.
struct Steps<'t> {
    turn: &'t NewInteraction,
    at: i64,
    random: Random,
    events: Vec<NewEvent>,
}

impl Steps<'_> {
    fn after(&mut self, median: u64, kind: EventType, product: Option<&Product>) {
        self.at += self.random.spread(median) as i64;
        self.push(kind, product);
    }

    fn push(&mut self, kind: EventType, product: Option<&Product>) {
        self.events.push(NewEvent {
            id: Some(id_at(self.at, &mut self.random)),
            kind: Some(kind),
            occurred_at: Some(from_micros(self.at)),
            session_id: self.turn.session_id.clone(),
            user_id: self.turn.user_id.clone(),
            page: Some(product.map_or("/", |product| product.page).to_owned()),
            product_id: product.map(|product| product.id.to_owned()),
            ..NewEvent::default()
        });
    }

    fn buy(&mut self, product: Option<&Product>) {
        let wait = if self.random.chance(800) { STEP } else { SLEPT_OVER };
        self.after(wait, EventType::Checkout, product);
        self.after(STEP, EventType::Order, product);
        let number = self.random.below(1 << 48);
        if let (Some(order), Some(product)) = (self.events.last_mut(), product) {
            order.order_id = Some(format!("W-{number:012x}"));
            order.value_micros = Some(product.euros() * 1_000_000);
            order.currency = Some("EUR".to_owned());
        }
    }
}
