//! What went wrong, and what shoppers looked for.

use super::change::column_before;
use super::format::{self, or_dash};
use super::groups::name;
use domain::reports::content::{Content, Failure, Query};
use jiff::tz::TimeZone;

/// A table with a heading.
pub(super) struct Table {
    pub(super) heading: &'static str,
    pub(super) columns: Vec<Cell<&'static str>>,
    pub(super) rows: Vec<Row>,
    /// What stands in place of no rows.
    pub(super) none: &'static str,
}

/// A line of it.
pub(super) struct Row {
    /// Empty for what has none.
    pub(super) name: String,
    /// What it is of, on a line below, which leaves its width to the numbers; may be empty.
    pub(super) of: String,
    pub(super) cells: Vec<Cell<String>>,
}

/// A cell, and its class: what is less important is left out where there is little room.
pub(super) struct Cell<T> {
    pub(super) text: T,
    pub(super) class: &'static str,
}

fn number<T>(text: T) -> Cell<T> {
    Cell { text, class: "" }
}

fn text<T>(text: T) -> Cell<T> {
    Cell { text, class: "text" }
}

fn wide<T>(text: T) -> Cell<T> {
    Cell { text, class: "wide" }
}

/// The tables of what is known.
pub(super) fn tables(report: &Content, zone: &TimeZone) -> Vec<Table> {
    let errors = Table {
        heading: "What went wrong",
        columns: vec![
            text("Kind of failure, and model"),
            number("Turns"),
            number(column_before(report.kind)),
            wide("Last"),
        ],
        rows: report.errors.iter().map(|found| failure(found, zone)).collect(),
        none: "No turn failed.",
    };
    let queries = Table {
        heading: "What shoppers looked for",
        columns: vec![text("Asked for"), number("Times"), number("In vain")],
        rows: report.queries.iter().map(query).collect(),
        none: "Nobody searched.",
    };
    vec![queries, errors]
}

fn failure(failure: &Failure, zone: &TimeZone) -> Row {
    Row {
        name: name(failure.error_type.as_deref()),
        of: name(failure.model.as_deref()),
        cells: vec![
            number(format::count(failure.count)),
            number(format::count(failure.previous)),
            wide(or_dash(failure.last_seen, |at| format::short_moment(at, zone))),
        ],
    }
}

fn query(query: &Query) -> Row {
    Row {
        name: name(Some(&query.text)),
        of: String::new(),
        cells: vec![
            number(format::count(query.count)),
            number(format::count(query.failed)),
        ],
    }
}
