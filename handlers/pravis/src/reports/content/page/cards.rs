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

type Level = fn(&Point) -> Option<f64>;

const CARDS: [(Metric, &str, &str, Option<Level>); 9] = [
    (
        Metric::Interactions,
        "Turns",
        "Course of turns",
        Some(|point| Some(point.interactions as f64)),
    ),
    (
        Metric::SuccessRate,
        "Succeeded",
        "Course of success",
        Some(|point| point.success_rate),
    ),
    (
        Metric::P95Ms,
        "95% answered within",
        "Course of response times",
        Some(|point| point.p95_ms),
    ),
    (
        Metric::Cost,
        "Cost",
        "Course of cost",
        Some(|point| point.cost_micros.map(|micros| micros as f64)),
    ),
    (
        Metric::Rating,
        "Average rating",
        "Course of ratings",
        Some(|point| point.rating),
    ),
    (
        Metric::Feedback,
        "Feedback",
        "Course of feedback",
        Some(|point| Some(point.feedback as f64)),
    ),
    (
        Metric::ActiveUsers,
        "Active shoppers",
        "Course of shoppers",
        Some(|point| point.active_users.map(|users| users as f64)),
    ),
    (
        Metric::Sessions,
        "Conversations",
        "Course of conversations",
        Some(|point| point.sessions.map(|sessions| sessions as f64)),
    ),
    (Metric::Orders, "Orders", "", None),
];

/// What only some shops send.
const OPTIONAL: [Metric; 2] = [Metric::ActiveUsers, Metric::Orders];

/// The cards of a report, three to a row.
pub(super) fn cards(report: &Content) -> Result<Vec<Vec<Card>>, ContentError> {
    let mut cards = Vec::new();
    for (metric, label, title, level) in CARDS {
        let Some(figure) = report.figure(metric) else {
            continue;
        };
        let counted = figure.value.is_some() || figure.previous.is_some();
        // What a shop does not send has no card; what every turn has is shown as unknown.
        if OPTIONAL.contains(&metric) && !counted {
            continue;
        }
        let values: Vec<_> =
            level.map_or_else(Vec::new, |level| report.series.points.iter().map(level).collect());
        let spark = if counted {
            chart::spark(title, &values)?
        } else {
            String::new()
        };
        cards.push(card(report, figure, label, spark));
    }
    let mut rows = Vec::new();
    while !cards.is_empty() {
        rows.push(cards.drain(..cards.len().min(3)).collect());
    }
    Ok(rows)
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
        Metric::Orders => {
            let revenue = report
                .headline
                .iter()
                .filter(|figure| figure.metric == Metric::Revenue && figure.value.is_some());
            revenue
                .map(|figure| value(figure, figure.value))
                .collect::<Vec<_>>()
                .join(" and ")
        }
        _ => String::new(),
    }
}
