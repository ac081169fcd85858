//! Changes in words: an arrow and a colour are never the only sign.

use super::format;
use domain::reports::ReportKind;
use domain::reports::content::{Figure, Metric, Unit};

/// How a figure moved.
pub(super) struct Change {
    /// `▲` or `▼`.
    pub(super) arrow: &'static str,
    /// `12.4% more`.
    pub(super) words: String,
    /// The class of its colour: `good`, `bad` or `plain`.
    pub(super) tone: &'static str,
    /// Whether it is more than chance.
    pub(super) verdict: &'static str,
}

/// Up and down in words, and whether up is better (1), worse (-1) or neither (0).
fn directions(metric: Metric) -> (&'static str, &'static str, i8) {
    match metric {
        Metric::SuccessRate | Metric::Rating => ("higher", "lower", 1),
        Metric::P50Ms | Metric::P95Ms => ("slower", "faster", -1),
        Metric::Orders => ("more", "fewer", 1),
        Metric::Revenue => ("more", "less", 1),
        Metric::Cost | Metric::Feedback => ("more", "less", 0),
        Metric::Interactions | Metric::ActiveUsers | Metric::Sessions => ("more", "fewer", 0),
    }
}

/// The change of a figure; in its place, where there is none, why.
pub(super) fn change(figure: &Figure, kind: ReportKind) -> Result<Change, String> {
    let before = before(kind);
    let (Some(_), Some(previous)) = (figure.value, figure.previous) else {
        return Err(match (figure.value, figure.previous) {
            (None, Some(previous)) => format!("{} {before}", value(figure, Some(previous))),
            (Some(_), None) => format!("not known {before}"),
            _ => "not known".to_owned(),
        });
    };
    let change = figure.change.unwrap_or(0.0);
    if change == 0.0 {
        return Err(format!("as {before}"));
    }
    if previous == 0.0 {
        return Err(format!("none {before}"));
    }
    let (up, down, better) = directions(figure.metric);
    let direction = if change > 0.0 { up } else { down };
    let size = match (figure.unit, figure.change_ratio) {
        (Unit::Ratio, _) => format!("{:.1} points", change.abs() * 100.0),
        (Unit::Points, _) => format::points(change.abs()),
        (_, Some(ratio)) => format::percent(ratio.abs()),
        (_, None) => value(figure, Some(change.abs())),
    };
    let nothing = size == "<0.1%" || !size.contains(|digit: char| matches!(digit, '1'..='9'));
    if nothing {
        return Err(format!("about as {before}"));
    }
    let good = (change > 0.0) == (better > 0);
    Ok(Change {
        arrow: if change > 0.0 { "▲" } else { "▼" },
        words: format!("{size} {direction}"),
        tone: match (better, figure.significant) {
            (0, _) | (_, None | Some(false)) => "plain",
            _ if good => "good",
            _ => "bad",
        },
        verdict: match figure.significant {
            Some(true) => "more than chance",
            Some(false) => "within chance",
            None => "",
        },
    })
}

/// A number of the figure's unit.
pub(super) fn value(figure: &Figure, number: Option<f64>) -> String {
    let currency = figure.currency.as_deref().unwrap_or_default();
    format::or_dash(number, |number| match figure.unit {
        Unit::Count => format::count(number.round() as i64),
        Unit::Ratio => format::percent(number),
        Unit::Milliseconds => format::millis(number),
        Unit::Micros => format::money(number, currency),
        Unit::Points => format::points(number),
    })
}

/// The period before, in words.
pub(super) fn before(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Daily => "the day before",
        ReportKind::Weekly => "the week before",
        ReportKind::Monthly => "the month before",
    }
}

/// The same above a column.
pub(super) fn column_before(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Daily => "Day before",
        ReportKind::Weekly => "Week before",
        ReportKind::Monthly => "Month before",
    }
}
