//! How values stand in columns: times as datetime2 in UTC, ids as 16 bytes, lists and objects as JSON.

use super::column::FromColumn;
use crate::StoreError;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use tiberius::{ColumnData, Row};
use uuid::Uuid;

/// Reads columns in the order in which the statement names them, and takes them out of the row.
pub(super) struct Columns {
    values: std::vec::IntoIter<ColumnData<'static>>,
    read: usize,
}

impl Columns {
    pub(super) fn of(row: Row) -> Self {
        Self {
            values: row.into_iter(),
            read: 0,
        }
    }

    /// The next column as it is.
    pub(super) fn get<T: FromColumn>(&mut self) -> Result<T, StoreError> {
        self.read += 1;
        let value = self.values.next().ok_or_else(|| self.broken("is not there"))?;
        T::from_column(value).ok_or_else(|| self.broken(format!("is not {}", T::NAME)))
    }

    /// The next column as a point in time.
    pub(super) fn time(&mut self) -> Result<Timestamp, StoreError> {
        self.get()
    }

    /// The next column as a point in time, or null.
    pub(super) fn optional_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        self.get()
    }

    /// The next column as an id.
    pub(super) fn id(&mut self) -> Result<Uuid, StoreError> {
        self.get().map(Uuid::from_bytes)
    }

    /// The next column as an id, or null.
    pub(super) fn optional_id(&mut self) -> Result<Option<Uuid>, StoreError> {
        Ok(self.get::<Option<[u8; 16]>>()?.map(Uuid::from_bytes))
    }

    /// The next column as one of a set of names.
    pub(super) fn name<T: FromStr<Err: std::error::Error>>(&mut self) -> Result<T, StoreError> {
        let name: String = self.get()?;
        name.parse().map_err(|error: T::Err| self.broken(error))
    }

    /// The next column as one of a set of names, or null.
    pub(super) fn optional_name<T: FromStr<Err: std::error::Error>>(
        &mut self,
    ) -> Result<Option<T>, StoreError> {
        let name: Option<String> = self.get()?;
        let parsed = name.map(|name| name.parse()).transpose();
        parsed.map_err(|error: T::Err| self.broken(error))
    }

    /// The next column as JSON.
    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let text: String = self.get()?;
        serde_json::from_str(&text).map_err(|error| self.broken(error))
    }

    /// The next column as JSON, or null.
    pub(super) fn optional_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self.get()?;
        let parsed = text.map(|text| serde_json::from_str(&text)).transpose();
        parsed.map_err(|error| self.broken(error))
    }

    /// The next columns as an array of numbers.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[i64; N], StoreError> {
        let mut numbers = [0; N];
        for number in &mut numbers {
            *number = self.get()?;
        }
        Ok(numbers)
    }

    /// The next column as bytes that `decode` understands.
    pub(super) fn decoded<T>(
        &mut self,
        what: &'static str,
        decode: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, StoreError> {
        let bytes: Vec<u8> = self.get()?;
        decode(&bytes).ok_or_else(|| self.broken(format!("is not a {what}")))
    }

    fn broken(&self, why: impl std::fmt::Display) -> StoreError {
        StoreError::Broken(format!("column {}: {why}", self.read))
    }
}
