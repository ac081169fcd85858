//! Pages of lists.

use crate::cursor::{CursorKey, Position};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Entries of a page when the caller does not say.
pub const DEFAULT_LIMIT: usize = 50;
/// Most entries of a page.
pub const MOST_LIMIT: usize = 200;

/// Which page of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<K = Uuid> {
    /// Entries to give, 1 to [`MOST_LIMIT`].
    pub limit: usize,
    /// The last entry of the page before, or none for the first page.
    pub after: Option<Position<K>>,
}

impl<K> Default for PageRequest<K> {
    fn default() -> Self {
        Self {
            limit: DEFAULT_LIMIT,
            after: None,
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Page<T> {
    /// The entries, in the order of the list.
    pub items: Vec<T>,
    /// What to send as `cursor` to get the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// An entry that knows its place in the order of its list.
pub trait Positioned {
    /// What entries of the same time are ordered by.
    type Key: CursorKey;
    /// The place of this entry.
    fn position(&self) -> Position<Self::Key>;
}

impl<T: Positioned> Page<T> {
    /// Makes a page of at most `limit` of `items`, which the store read one further than `limit` to learn whether more follow.
    pub fn of(mut items: Vec<T>, limit: usize, list: &str) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items
            .last()
            .filter(|_| more)
            .map(|last| last.position().to_cursor(list));
        Self { items, next_cursor }
    }
}
