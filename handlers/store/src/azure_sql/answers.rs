//! Calls whose answers have a usual shape.

use super::AzureSqlStore;
use super::call::Call;
use super::columns::Columns;
use super::error::SqlError;
use super::session::Answer;
use crate::{StoreError, UpdateOutcome};
use tiberius::Row;

/// Attempts at a write that others overtake.
const ATTEMPTS: usize = 8;

impl AzureSqlStore {
    /// Writes what may be written twice. Where another one stored the same key in the same moment, the write is done again,
    /// and then finds it.
    pub(super) async fn write(&self, call: Call) -> Result<Answer, StoreError> {
        for _ in 1..ATTEMPTS {
            match self.pool.try_run(call.clone()).await {
                Err(SqlError::Duplicate) => {}
                answer => return Ok(answer?),
            }
        }
        self.pool.run(call).await
    }

    /// Writes a change; its last result is whether there was something to change.
    pub(super) async fn updated(&self, call: Call) -> Result<UpdateOutcome, StoreError> {
        let changed: bool = Columns::of(last(self.write(call).await?)?).get()?;
        Ok(if changed {
            UpdateOutcome::Updated
        } else {
            UpdateOutcome::Stale
        })
    }

    /// The first row.
    pub(super) async fn first(&self, call: Call) -> Result<Option<Row>, StoreError> {
        Ok(self.pool.run(call).await?.into_iter().flatten().next())
    }

    /// All rows, read by `read`.
    pub(super) async fn all<T>(
        &self,
        call: Call,
        read: impl Fn(Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.pool
            .run(call)
            .await?
            .into_iter()
            .flatten()
            .map(read)
            .collect()
    }
}

/// The one row of the last result.
pub(super) fn last(answer: Answer) -> Result<Row, StoreError> {
    let rows = answer.into_iter().next_back();
    rows.into_iter().flatten().next().ok_or_else(no_answer)
}

/// As many results as were asked for.
pub(super) fn results<const N: usize>(answer: Answer) -> Result<[Vec<Row>; N], StoreError> {
    answer.try_into().map_err(|_| no_answer())
}

/// That the server left out what it was asked for.
fn no_answer() -> StoreError {
    StoreError::Broken("the server's answer has other results than the statement".to_owned())
}
