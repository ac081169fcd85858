//! How far the figures can be trusted.

use super::{Measured, share};
use crate::interactions::names;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// What a figure may suffer from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = report::Flaw)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// Turns whose cost is not known.
    WithoutCost,
    /// Turns that name no model.
    WithoutModel,
    /// Turns that do not tell how many tokens were sent to a model.
    WithoutTokens,
    /// Turns that do not tell how long they took.
    WithoutDuration,
    /// Conversations that name no shopper.
    WithoutUser,
    /// Turns that were still not finished a day after they began.
    LongPending,
    /// Orders whose value is not known.
    WithoutValue,
    /// Days (hours, in a daily report) without a turn.
    EmptyParts,
}

names!(Flaw {
    WithoutCost = "without_cost",
    WithoutModel = "without_model",
    WithoutTokens = "without_tokens",
    WithoutDuration = "without_duration",
    WithoutUser = "without_user",
    LongPending = "long_pending",
    WithoutValue = "without_value",
    EmptyParts = "empty_parts",
});

/// How much of the period suffers from a flaw.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Note)]
pub struct Note {
    /// The flaw.
    pub flaw: Flaw,
    /// How many turns, conversations, orders, or parts of the period.
    pub count: i64,
    /// Of how many.
    pub of: i64,
    /// `count / of`; null when there is nothing.
    pub share: Option<f64>,
}

/// How far the figures can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Quality)]
pub struct Quality {
    /// Every flaw that was looked for, also those that were not found.
    pub notes: Vec<Note>,
    /// The parts of the period without a turn, at most 31.
    pub empty_parts: Vec<Timestamp>,
    /// Whether the period was over when the report was made.
    pub complete: bool,
}

impl Quality {
    /// Of what a period counts. `unnamed` are its turns without a model, `long_pending` those that were not finished a day
    /// after they began.
    pub fn of(measured: &Measured, unnamed: i64, long_pending: i64, complete: bool) -> Self {
        let (turns, parts, people) = (&measured.turns, &measured.parts, &measured.people);
        let note = |flaw, count, of| Note {
            flaw,
            count,
            of,
            share: share(count, of),
        };
        let total = turns.total;
        let empty: Vec<_> = parts.iter().filter(|part| part.turns.total == 0).collect();
        let orders = measured.orders.iter();
        let orders = orders.map(|orders| note(Flaw::WithoutValue, orders.unvalued(), orders.count()));
        let turns = [
            note(Flaw::WithoutCost, total - turns.cost_micros.count, total),
            note(Flaw::WithoutModel, unnamed, total),
            note(Flaw::WithoutTokens, total - turns.tokens_input.count, total),
            note(Flaw::WithoutDuration, total - turns.duration.micros.count, total),
            note(
                Flaw::WithoutUser,
                people.sessions - people.user_sessions,
                people.sessions,
            ),
            note(Flaw::LongPending, long_pending, total),
            note(Flaw::EmptyParts, empty.len() as i64, parts.len() as i64),
        ];
        Self {
            notes: turns.into_iter().chain(orders).collect(),
            empty_parts: empty.iter().take(31).map(|part| part.range.from).collect(),
            complete,
        }
    }
}
