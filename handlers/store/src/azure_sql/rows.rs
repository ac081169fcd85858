//! Rows on their way to the server: one text parameter that holds a JSON array a row, which the server reads as a table.

use jiff::Timestamp;
use serde_json::Value as Json;
use std::fmt::Write as _;

/// The collation of everything that is compared: as SQLite does, byte for byte.
const COLLATION: &str = "COLLATE Latin1_General_100_BIN2";

/// The columns of rows that are sent: their names, and the types that they are stored as.
pub(super) type Shape = [(&'static str, &'static str)];

/// Declares a table variable `name` with the names and types of `shape`, and puts the rows in parameter `parameter` into it.
/// OPENJSON knows neither collations nor, on every server, bytes: those come as hexadecimal digits.
pub(super) fn declare(name: &str, shape: &Shape, parameter: &str) -> String {
    let (mut declared, mut selected, mut with) = (String::new(), String::new(), String::new());
    for (place, (column, kind)) in shape.iter().enumerate() {
        let comma = if place == 0 { "" } else { ", " };
        let (own, sent) = if kind.contains("binary") {
            (format!("CONVERT({kind}, {column}, 2)"), "nvarchar(max)")
        } else {
            ((*column).to_owned(), *kind)
        };
        let _ = write!(declared, "{comma}{column} {}", collated(kind));
        let _ = write!(selected, "{comma}{own}");
        let _ = write!(with, "{comma}{column} {sent} '$[{place}]'");
    }
    format!(
        "DECLARE {name} TABLE ({declared});
         INSERT INTO {name} SELECT {selected} FROM OPENJSON({parameter}) WITH ({with});"
    )
}

/// A type as a column is declared with it.
fn collated(kind: &str) -> String {
    if kind.starts_with("nvarchar") && !kind.contains("max") {
        format!("{kind} {COLLATION}")
    } else {
        kind.to_owned()
    }
}

/// The names of `shape`, each after `prefix`.
pub(super) fn names(shape: &Shape, prefix: &str) -> String {
    let names: Vec<_> = shape.iter().map(|(name, _)| format!("{prefix}{name}")).collect();
    names.join(", ")
}

/// The rows as the text to send.
pub(super) fn rows(rows: impl IntoIterator<Item = Vec<Json>>) -> String {
    Json::Array(rows.into_iter().map(Json::Array).collect()).to_string()
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> Json {
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(digits, "{byte:02x}");
    }
    Json::String(digits)
}

/// A point in time as `datetime2` reads it: UTC, without saying so.
pub(super) fn time(at: Timestamp) -> Json {
    Json::String(at.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string())
}

/// A point in time, or null.
pub(super) fn optional_time(at: Option<Timestamp>) -> Json {
    at.map_or(Json::Null, time)
}

/// A value as JSON text, or null.
pub(super) fn optional_json(value: Option<&impl serde::Serialize>) -> Json {
    value.map_or(Json::Null, |value| {
        Json::String(serde_json::json!(value).to_string())
    })
}
