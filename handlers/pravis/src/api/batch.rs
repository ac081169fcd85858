//! What the operations that take many records in one body share.

use crate::error::ApiError;
use crate::ingest::{BatchItem, ItemOutcome};
use axum::http::StatusCode;
use domain::fault::Fault;
use domain::parse;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Reads the body as `B`, which borrows its items; `Shape`, which owns them, tells what is wrong where it is no `B`.
pub(super) fn read<'b, B: Deserialize<'b>, Shape: DeserializeOwned>(text: &'b [u8]) -> Result<B, ApiError> {
    // A derived `Deserialize` would take an array, too, member by member.
    let object = text.trim_ascii_start().starts_with(b"{");
    match serde_json::from_slice(text) {
        Ok(batch) if object => Ok(batch),
        _ => Err(match parse::from_slice::<Shape>(text) {
            Err(error) => error.into(),
            // Read as a value, the last of several members of one name counts.
            Ok(_) => ApiError::InvalidJson("a member stands there twice".to_owned()),
        }),
    }
}

/// Refuses a batch of none, and one of more than `most`.
pub(super) fn check_length(length: usize, most: usize) -> Result<(), ApiError> {
    if (1..=most).contains(&length) {
        return Ok(());
    }
    Err(Fault::invalid("/items", format!("takes 1 to {most} items, not {length}")).into())
}

/// 201 when all are stored now, 200 when all are stored, 202 when the right ones wait, else 207.
pub(super) fn status(items: &[BatchItem]) -> StatusCode {
    let every = |outcomes: &[ItemOutcome]| items.iter().all(|item| outcomes.contains(&item.outcome));
    if every(&[ItemOutcome::Created]) {
        StatusCode::CREATED
    } else if every(&[ItemOutcome::Created, ItemOutcome::Duplicate]) {
        StatusCode::OK
    } else if items.iter().any(|item| item.outcome == ItemOutcome::Spilled) {
        StatusCode::ACCEPTED
    } else {
        StatusCode::MULTI_STATUS
    }
}
