//! What went wrong, what shoppers looked for, and what turns led to.

use super::format::{self, or_dash};
use super::groups::name;
use domain::reports::content::{Content, Failure, Query, Step};

/// A table with a heading.
pub(super) struct Table {
    pub(super) heading: &'static str,
    pub(super) columns: Vec<&'static str>,
    /// The first cell of each names the row; empty for what names none.
    pub(super) rows: Vec<(String, Vec<String>)>,
    /// What stands in place of no rows.
    pub(super) none: &'static str,
}

/// The tables of what is known.
pub(super) fn tables(report: &Content) -> Vec<Table> {
    let errors = report.errors.as_ref().map(|errors| Table {
        heading: "What went wrong",
        columns: vec!["Kind of failure", "Model", "Turns", "Before"],
        rows: errors.iter().map(failure).collect(),
        none: "No turn failed.",
    });
    let queries = report.queries.as_ref().map(|queries| Table {
        heading: "What shoppers looked for",
        columns: vec!["Asked for", "Times", "In vain"],
        rows: queries.iter().map(query).collect(),
        none: "Nobody searched.",
    });
    let funnel = report.funnel.as_ref().map(|steps| Table {
        heading: "From the answer to the order",
        columns: vec!["Step", "Turns", "Of those before", "Of all"],
        rows: steps.iter().map(step).collect(),
        none: "Nothing was shown.",
    });
    [funnel, queries, errors].into_iter().flatten().collect()
}

fn failure(failure: &Failure) -> (String, Vec<String>) {
    let cells = vec![
        or_dash(failure.model.as_deref(), |model| name(Some(model))),
        format::count(failure.count),
        or_dash(failure.previous, format::count),
    ];
    (name(failure.error_type.as_deref()), cells)
}

fn query(query: &Query) -> (String, Vec<String>) {
    let cells = vec![format::count(query.count), format::count(query.failed)];
    (name(Some(&query.text)), cells)
}

fn step(step: &Step) -> (String, Vec<String>) {
    let known = match step.name.as_str() {
        "turns" => "Turns",
        "shown" => "Showed a product",
        "viewed" => "Product viewed",
        "carted" => "Put into the cart",
        "ordered" => "Ordered",
        other => other,
    };
    let cells = vec![
        format::count(step.turns),
        or_dash(step.conversion, format::percent),
        or_dash(step.overall, format::percent),
    ];
    (known.to_owned(), cells)
}
