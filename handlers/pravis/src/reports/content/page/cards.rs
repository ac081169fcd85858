//! The headline figures.

use super::super::ContentError;
use super::change::{before, change, value};
use super::{chart, format};
use domain::reports::content::{Content, Figure, Metric, Point};

/// One headline figure.
pub(super) struct Card {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) arrow: &'static str,
    pub(super) change: String,
    pub(super) tone: &'static str,
    pub(super) verdict: &'static str,
    /// One more line, which may be empty.
    pub(super) more: String,
    /// A line of the period, which may be empty.
    pub(super) spark: String,
}

/// The cards in their order.
const CARDS: [(Metric, &str); 10] = [
    (Metric::Interactions, "Turns"),
    (Metric::SuccessRate, "Succeeded"),
    (Metric::P95Ms, "95% answered within"),
    (Metric::Cost, "Cost"),
    (Metric::Rating, "Average rating"),
    (Metric::Feedback, "Feedback"),
    (Metric::ActiveUsers, "Active shoppers"),
    (Metric::Sessions, "Conversations"),
    (Metric::Orders, "Orders in the shop"),
    (Metric::Revenue, "Revenue of the shop"),
];

/// What only some shops send.
const OPTIONAL: [Metric; 3] = [Metric::ActiveUsers, Metric::Orders, Metric::Revenue];

/// Other currencies that are named with what was sold for them.
const MOST_CURRENCIES: usize = 2;

/// The cards of a report, at most three to a row, and no row with many fewer than another.
pub(super) fn cards(report: &Content) -> Result<Vec<Vec<Card>>, ContentError> {
    let mut cards = Vec::new();
    for (metric, label) in CARDS {
        let Some(figure) = report.figure(metric) else {
            continue;
        };
        let counted = figure.value.is_some() || figure.previous.is_some();
        // What a shop does not send has no card; what every turn has is shown as unknown.
        if OPTIONAL.contains(&metric) && !counted {
            continue;
        }
        let values: Vec<_> = report
            .series
            .points
            .iter()
            .map(|point| level(figure, point))
            .collect();
        let spark = chart::spark("Course of the period", &values)?;
        cards.push(card(report, figure, label, spark));
    }
    let mut rows = Vec::new();
    for left in (1..=cards.len().div_ceil(3)).rev() {
        rows.push(cards.drain(..cards.len().div_ceil(left)).collect());
    }
    Ok(rows)
}

/// The same of a part of the period, where the parts tell it.
fn level(figure: &Figure, point: &Point) -> Option<f64> {
    let count = |count: Option<i64>| count.map(|count| count as f64);
    match figure.metric {
        Metric::Interactions => count(Some(point.interactions)),
        Metric::SuccessRate => point.success_rate,
        Metric::P95Ms => point.p95_ms,
        Metric::Cost => count(point.cost_micros),
        Metric::Rating => point.rating,
        Metric::Feedback => count(Some(point.feedback)),
        Metric::ActiveUsers => count(point.active_users),
        Metric::Sessions => count(point.sessions),
        Metric::Orders => count(point.orders),
        Metric::Revenue => {
            let currency = figure.currency.as_deref()?;
            let revenue = point.revenue.as_ref()?;
            count(Some(revenue.get(currency).copied().unwrap_or(0)))
        }
        Metric::P50Ms => None,
    }
}

fn card(report: &Content, figure: &Figure, label: &'static str, spark: String) -> Card {
    let (arrow, words, tone, verdict) = match change(figure, report.kind) {
        Ok(change) => (change.arrow, change.words, change.tone, change.verdict),
        Err(why) => ("", why, "plain", ""),
    };
    Card {
        label,
        value: value(figure, figure.value),
        arrow,
        change: words,
        tone,
        verdict,
        more: more(report, figure.metric),
        spark,
    }
}

fn more(report: &Content, metric: Metric) -> String {
    match metric {
        Metric::SuccessRate => {
            let failed: i64 = report.series.points.iter().map(|point| point.failures).sum();
            format!("{} failed", format::count(failed))
        }
        Metric::P95Ms => report
            .figure(Metric::P50Ms)
            .filter(|figure| figure.value.is_some())
            .map(|figure| {
                let was = figure
                    .previous
                    .map(|_| format!(", {} {}", value(figure, figure.previous), before(report.kind)));
                format!(
                    "half within {}{}",
                    value(figure, figure.value),
                    was.unwrap_or_default()
                )
            })
            .unwrap_or_default(),
        Metric::Cost => {
            let unpriced: i64 = report.unpriced.iter().map(|model| model.turns).sum();
            let note = format!("{} turns without a price", format::count(unpriced));
            Some(note).filter(|_| unpriced > 0).unwrap_or_default()
        }
        Metric::Rating => format!("of {} ratings", format::count(report.opinions.rated)),
        Metric::Revenue => others(report),
        _ => String::new(),
    }
}

/// What orders were worth in other currencies than that of most of them, which has the card.
fn others(report: &Content) -> String {
    let figures = report.headline.iter();
    let figures = figures.filter(|figure| figure.metric == Metric::Revenue && figure.value.is_some());
    let others: Vec<_> = figures
        .skip(1)
        .map(|figure| value(figure, figure.value))
        .collect();
    match others.len() {
        0 => String::new(),
        1..=MOST_CURRENCIES => format!("and {}", others.join(" and ")),
        more => format!("and in {more} other currencies"),
    }
}
