//! How values stand in columns: times as microseconds, ids as 16 bytes, lists and objects as JSON.

use domain::time::from_micros;
use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Row, RowIndex};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use uuid::Uuid;

/// Reads columns in the order in which the statement names them.
pub(super) struct Columns<'r> {
    row: &'r Row<'r>,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(super) fn of(row: &'r Row<'r>) -> Self {
        Self { row, next: 0 }
    }

    /// The next column as it is.
    pub(super) fn get<T: rusqlite::types::FromSql>(&mut self) -> rusqlite::Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    /// The next column as a point in time.
    pub(super) fn time(&mut self) -> rusqlite::Result<Timestamp> {
        self.get().map(from_micros)
    }

    /// The next column as a point in time, or null.
    pub(super) fn optional_time(&mut self) -> rusqlite::Result<Option<Timestamp>> {
        Ok(self.get::<Option<i64>>()?.map(from_micros))
    }

    /// The next column as an id.
    pub(super) fn id(&mut self) -> rusqlite::Result<Uuid> {
        self.get().map(Uuid::from_bytes)
    }

    /// The next column as an id, or null.
    pub(super) fn optional_id(&mut self) -> rusqlite::Result<Option<Uuid>> {
        Ok(self.get::<Option<[u8; 16]>>()?.map(Uuid::from_bytes))
    }

    /// The next column as one of a set of names.
    pub(super) fn name<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
        &mut self,
    ) -> rusqlite::Result<T> {
        self.next += 1;
        let name = self.row.get_ref(self.next - 1)?.as_str()?;
        name.parse().map_err(|error| self.broken(error))
    }

    /// The next column as one of a set of names, or null.
    pub(super) fn optional_name<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
        &mut self,
    ) -> rusqlite::Result<Option<T>> {
        let name: Option<String> = self.get()?;
        name.map(|name| name.parse())
            .transpose()
            .map_err(|error| self.broken(error))
    }

    /// The next column as JSON.
    pub(super) fn json<T: DeserializeOwned>(&mut self) -> rusqlite::Result<T> {
        let text: String = self.get()?;
        serde_json::from_str(&text).map_err(|error| self.broken(error))
    }

    /// The next column as JSON, or null.
    pub(super) fn optional_json<T: DeserializeOwned>(&mut self) -> rusqlite::Result<Option<T>> {
        let text: Option<String> = self.get()?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| self.broken(error))
    }

    /// The next columns as an array of numbers.
    pub(super) fn array<const N: usize>(&mut self) -> rusqlite::Result<[i64; N]> {
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
    ) -> rusqlite::Result<T> {
        self.next += 1;
        let bytes = self.row.get_ref(self.next - 1)?.as_blob()?;
        decode(bytes).ok_or_else(|| self.broken(std::io::Error::other(format!("not a {what}"))))
    }
    fn broken(&self, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
        rusqlite::Error::FromSqlConversionFailure(self.next - 1, Type::Text, Box::new(error))
    }
}

/// A value as JSON text.
pub(super) fn json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// A value as JSON text, or null.
pub(super) fn optional_json(value: Option<&impl Serialize>) -> rusqlite::Result<Option<String>> {
    value.map(json).transpose()
}

/// The one value of a column at `index`, as a point in time.
pub(super) fn time_at(row: &Row<'_>, index: impl RowIndex) -> rusqlite::Result<Timestamp> {
    row.get(index).map(from_micros)
}
