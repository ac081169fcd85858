//! The ingest line. Every turn that is written, whichever door it came through, passes these steps in this order:
//! *parse → validate → consent → redact → price → store*. The last one belongs to the caller.

use crate::fault::Faults;
use crate::interactions::{Interaction, NewInteraction, READ_ONLY, updated};
use crate::parse::{self, ParseError};
use crate::pricing::{PriceBook, Usage};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// Takes one turn, as JSON text, through every step before the store. `new_id` makes an id for a turn without one.
pub fn prepare(
    text: &[u8],
    now: Timestamp,
    book: &PriceBook,
    new_id: impl FnOnce() -> Uuid,
) -> Result<Interaction, ParseError> {
    let turn = parse(text)?;
    validate(&turn, now)?;
    let id = turn.id.unwrap_or_else(new_id);
    Ok(price(redact(consent(turn.into_interaction(id, now))), book))
}

/// Takes a change of a stored turn (see [`updated`]) through the same steps.
pub fn prepare_update(
    current: &Interaction,
    patch: &Value,
    now: Timestamp,
    book: &PriceBook,
) -> Result<Interaction, Faults> {
    let next = redact(consent(updated(current, patch, now)?));
    let changed = next.version != current.version;
    // A patch that changes nothing is no occasion to price the turn.
    Ok(if changed { price(next, book) } else { next })
}

/// Reads the turn, or names every fault of its shape.
pub fn parse(text: &[u8]) -> Result<NewInteraction, ParseError> {
    parse::from_slice(text).map_err(|error| error.with_read_only(READ_ONLY))
}

/// Checks an already typed turn (see [`NewInteraction::validate`]).
pub fn validate(turn: &NewInteraction, now: Timestamp) -> Result<(), Faults> {
    turn.validate(now)
}

/// Leaves out what the shopper did not consent to. No purposes are recorded yet: everything passes.
pub fn consent(turn: Interaction) -> Interaction {
    turn
}

/// Removes what must not be stored (card numbers, addresses). No rules are configured yet: everything passes.
pub fn redact(turn: Interaction) -> Interaction {
    turn
}

/// Fills the cost of a turn that has none, where the book knows it (see [`PriceBook::cost`]). A cost that the client gave is
/// the client's.
pub fn price(mut turn: Interaction, book: &PriceBook) -> Interaction {
    if turn.cost_micros.is_none() {
        turn.cost_micros = book.cost(&Usage::from(&turn));
        turn.priced = turn.cost_micros.is_some();
    }
    turn
}

/// Prices a turn that waited to be stored: what was priced by a book of the past, or not at all, is priced by this one.
pub fn price_anew(mut turn: Interaction, book: &PriceBook) -> Interaction {
    if turn.priced {
        turn.cost_micros = None;
    }
    price(turn, book)
}
