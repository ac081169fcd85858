//! What a client may say of an event, how it is checked, and how it becomes a record.

use super::page::path_of;
use super::{Clock, Event, EventType};
use crate::fault::Faults;
use crate::validate::{Check, NAME};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

/// Largest address of a page, in bytes.
const PAGE: usize = 2 * 1024;
/// Largest `properties` as compact JSON, in bytes.
const PROPERTIES: usize = 8 * 1024;
/// Largest value: a thousand million, in millionths.
const VALUE: u64 = 1_000_000_000_000_000;

/// An event as a client sends it. Absent and null mean the same: not known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewEvent {
    /// The client's own id (version 7 advised), by which a repeat is known; without one the server makes it.
    pub id: Option<Uuid>,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(required = true, nullable = false)]
    pub kind: Option<EventType>,
    /// When it happened, by the client's clock; the arrival if absent.
    pub occurred_at: Option<Timestamp>,
    /// The visit, 1 to 128 characters: the `session_id` of the turns.
    #[schema(required = true, nullable = false)]
    pub session_id: Option<String>,
    /// The shopper, 1 to 128 characters; null for an anonymous one.
    pub user_id: Option<String>,
    /// Whatever the client wants to keep with the event; a JSON object of at most 8 KiB. Of an order, `product_ids` may
    /// list what was bought.
    #[schema(value_type = Option<Object>)]
    pub properties: Option<Map<String, Value>>,
    /// The page, at most 2 KiB; only its path is kept.
    pub page: Option<String>,
    /// The product that it is about, 1 to 128 characters.
    pub product_id: Option<String>,
    /// The order that it is about, 1 to 128 characters; required of an order. An order is counted once, however many
    /// events tell of it.
    pub order_id: Option<String>,
    /// Value in millionths of `currency`.
    pub value_micros: Option<u64>,
    /// ISO 4217 code such as `EUR`; required with a value.
    pub currency: Option<String>,
    /// The turn that led to it, where the page knows.
    pub interaction_id: Option<Uuid>,
}

impl NewEvent {
    /// Checks every field by itself and against the others.
    pub fn validate(&self, clock: &Clock) -> Result<(), Faults> {
        let mut check = Check::default();
        check.required("type", &self.kind);
        check.required("session_id", &self.session_id);
        for (name, value) in [
            ("session_id", &self.session_id),
            ("user_id", &self.user_id),
            ("product_id", &self.product_id),
            ("order_id", &self.order_id),
        ] {
            check.name(name, value.as_deref(), NAME);
        }
        check.text("page", self.page.as_deref(), PAGE);
        check.object_of("properties", self.properties.as_ref(), PROPERTIES);
        check.count("value_micros", self.value_micros, VALUE);
        if self.kind == Some(EventType::Order) {
            check.required("order_id", &self.order_id);
        }
        if self.value_micros.is_some() {
            check.required("currency", &self.currency);
        }
        if let Some(currency) = &self.currency
            && !(currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase()))
        {
            check.invalid("currency", "takes an ISO 4217 code such as EUR");
        }
        if let Some(occurred) = self.occurred_at
            && clock.is_too_old(clock.place(occurred).0)
        {
            check.invalid("occurred_at", "must be within the last 400 days");
        }
        check.done()
    }

    /// The record that this valid event becomes, sent with the key `key_id`.
    pub fn into_event(mut self, id: Uuid, clock: &Clock, key_id: Uuid) -> Event {
        // What is not kept is no part of the hash either: from a hash it could be guessed.
        self.page = self.page.map(|page| path_of(&page));
        self.properties = self.properties.filter(|properties| !properties.is_empty());
        let supplied_hash = self.supplied_hash();
        let (occurred_at, skewed) = self
            .occurred_at
            .map_or((clock.received_at, false), |at| clock.place(at));
        Event {
            id,
            kind: self.kind.unwrap_or(EventType::Custom),
            occurred_at,
            received_at: clock.received_at,
            skewed,
            session_id: self.session_id.unwrap_or_default(),
            user_id: self.user_id,
            page: self.page,
            product_id: self.product_id,
            order_id: self.order_id,
            value_micros: self.value_micros,
            currency: self.currency,
            interaction_id: self.interaction_id,
            properties: self.properties,
            ip_hash: None,
            key_id,
            supplied_hash,
        }
    }

    /// SHA-256 of the supplied fields in a canonical form.
    fn supplied_hash(&self) -> [u8; 32] {
        // Plain data with text keys: this cannot fail.
        Sha256::digest(serde_json::to_vec(self).unwrap_or_default()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;
    use serde_json::json;

    fn clock() -> Clock {
        Clock::new("2026-11-02T10:00:00Z".parse().unwrap(), None)
    }

    fn read(fields: Value) -> NewEvent {
        parse::from_value(fields).unwrap()
    }

    fn places(fields: Value) -> Vec<String> {
        let Faults(faults) = read(fields).validate(&clock()).unwrap_err();
        faults.into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn every_fault_is_named() {
        assert_eq!(places(json!({})), ["/type", "/session_id"]);
        assert_eq!(
            places(json!({"type": "order", "session_id": " s", "value_micros": 5, "page": "x".repeat(2049)})),
            ["/session_id", "/page", "/order_id", "/currency"]
        );
        let large = json!({"text": "x".repeat(8192)});
        assert_eq!(
            places(
                json!({"type": "click", "session_id": "s", "currency": "eur", "properties": large,
                "product_id": "x".repeat(129), "value_micros": 2_000_000_000_000_000u64,
                "occurred_at": "2025-09-01T00:00:00Z"})
            ),
            [
                "/product_id",
                "/properties",
                "/value_micros",
                "/currency",
                "/occurred_at"
            ]
        );
    }

    #[test]
    fn a_repeat_is_known_whatever_its_spelling_and_a_change_is_not() {
        let event = |fields| read(fields).into_event(Uuid::nil(), &clock(), Uuid::nil());
        let one = event(
            json!({"type": "page_view", "session_id": "s", "page": "https://a.example/x?q=1",
            "occurred_at": "2026-11-02T10:00:00+01:00", "properties": {}}),
        );
        let same = event(
            json!({"session_id": "s", "type": "page_view", "page": "/x", "user_id": null,
            "occurred_at": "2026-11-02T09:00:00Z"}),
        );
        assert_eq!(one, same);
        assert_eq!(one.page.as_deref(), Some("/x"));
        let other = event(
            json!({"session_id": "s", "type": "page_view", "page": "/y", "occurred_at": "2026-11-02T09:00:00Z"}),
        );
        assert_ne!(one.supplied_hash, other.supplied_hash);
    }

    #[test]
    fn an_event_without_a_time_happened_when_it_arrived() {
        let off = Clock::new(clock().received_at, Some("2026-11-01T10:00:00Z".parse().unwrap()));
        let event =
            read(json!({"type": "click", "session_id": "s"})).into_event(Uuid::nil(), &off, Uuid::nil());
        assert_eq!(
            (event.occurred_at, event.skewed, event.is_late()),
            (off.received_at, false, false)
        );
    }
}
