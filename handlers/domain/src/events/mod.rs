//! Client events: what a shopper does in the shop, as the browser tells it.

mod clock;
mod new;
mod page;

pub use clock::{Clock, LATE, TOLERANCE};
pub use new::NewEvent;

use crate::interactions::names;
use crate::parse::{self, ParseError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// What the shopper did, or what happened to him or her.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum EventType {
    PageView,
    Click,
    ProductView,
    Search,
    AddToCart,
    Checkout,
    Order,
    AssistantOpen,
    AssistantClose,
    Error,
    Custom,
}

names!(EventType {
    PageView = "page_view",
    Click = "click",
    ProductView = "product_view",
    Search = "search",
    AddToCart = "add_to_cart",
    Checkout = "checkout",
    Order = "order",
    AssistantOpen = "assistant_open",
    AssistantClose = "assistant_close",
    Error = "error",
    Custom = "custom",
});

/// An event as it is stored. What is not known is null, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The client's own id, or one made by the server (version 7).
    pub id: Uuid,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// When it happened, by the server's clock (see [`Clock`]).
    pub occurred_at: Timestamp,
    /// When it arrived here.
    pub received_at: Timestamp,
    /// Whether the client's clock was so wrong that `occurred_at` is not what it said.
    pub skewed: bool,
    /// The visit that it belongs to: that of the turns, where the shopper talks to the assistant, too.
    pub session_id: String,
    /// The shopper; null for an anonymous one.
    pub user_id: Option<String>,
    /// Path of the page, without its query and fragment.
    pub page: Option<String>,
    /// The product that it is about.
    pub product_id: Option<String>,
    /// The order that it is about.
    pub order_id: Option<String>,
    /// Value in millionths of `currency`.
    pub value_micros: Option<u64>,
    /// ISO 4217 code of the value's currency.
    pub currency: Option<String>,
    /// The turn that led to it, where the page knows.
    pub interaction_id: Option<Uuid>,
    /// Whatever the client wants to keep with it.
    pub properties: Option<Map<String, Value>>,
    /// Keyed hash of the client's network address, under a key of the day.
    pub ip_hash: Option<[u8; 16]>,
    /// The key with which it was sent.
    pub key_id: Uuid,
    /// SHA-256 of the fields that the client supplied: tells a repeat from a conflict.
    pub supplied_hash: [u8; 32],
}

impl Event {
    /// Whether it came more than a week after it happened.
    pub fn is_late(&self) -> bool {
        self.received_at.duration_since(self.occurred_at) > LATE
    }
}

/// Takes one event, as JSON text, through every step before the store. `new_id` makes an id for an event without one.
pub fn prepare(
    text: &[u8],
    clock: &Clock,
    key_id: Uuid,
    new_id: impl FnOnce() -> Uuid,
) -> Result<Event, ParseError> {
    let event: NewEvent = parse::from_slice(text)?;
    event.validate(clock)?;
    let id = event.id.unwrap_or_else(new_id);
    Ok(event.into_event(id, clock, key_id))
}
