//! What turns led to.

use super::change::before;
use super::format::{self, or_dash};
use domain::analytics::{FunnelFigures, FunnelStep};
use domain::reports::content::{Content, Funnel as Found};

/// Most currencies that are told apart in words.
const MOST_CURRENCIES: usize = 3;

/// The steps, and the orders in words.
pub(super) struct Funnel {
    pub(super) rows: Vec<Row>,
    pub(super) notes: Vec<String>,
}

/// A step.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// Of all turns, in whole percent.
    pub(super) bar: i64,
    pub(super) turns: String,
    pub(super) conversion: String,
    pub(super) overall: String,
    /// The same in the period before.
    pub(super) previous: String,
}

pub(super) fn funnel(report: &Content) -> Option<Funnel> {
    let funnel = report.funnel.as_ref()?;
    let steps = funnel.figures.steps.iter().zip(&funnel.previous.steps);
    Some(Funnel {
        rows: steps.map(|(now, before)| row(now, before)).collect(),
        notes: notes(funnel, before(report.kind)),
    })
}

fn row(now: &FunnelStep, before: &FunnelStep) -> Row {
    let name = match now.step {
        "turns" => "Turns",
        "shown" => "Showed a product",
        "viewed" => "Product viewed",
        "carted" => "Put into the cart",
        "ordered" => "Ordered",
        other => other,
    };
    Row {
        name,
        bar: (now.overall.unwrap_or(0.0) * 100.0).round() as i64,
        turns: format::count(now.turns),
        conversion: or_dash(now.conversion, format::percent),
        overall: or_dash(now.overall, format::percent),
        previous: or_dash(before.overall, format::percent),
    }
}

fn notes(funnel: &Found, before: &str) -> Vec<String> {
    let mut notes = vec![format!(
        "{}; {before} {}. Counted are orders within 24 hours after a turn that showed the product, each with the last such turn.",
        orders(&funnel.figures),
        orders(&funnel.previous),
    )];
    let each: Vec<_> = funnel
        .figures
        .revenue
        .iter()
        .take(MOST_CURRENCIES)
        .filter_map(|revenue| Some(format::money(revenue.micros_per_turn?, &revenue.currency)))
        .collect();
    if !each.is_empty() {
        let cost = or_dash(funnel.figures.cost_micros_per_turn, |micros| {
            format::money(micros, "USD")
        });
        notes.push(format!("A turn brought {} and cost {cost}.", each.join(" and ")));
    }
    if !funnel.complete {
        notes
            .push("The 24 hours after this period are not over: more may come of its last turns.".to_owned());
    }
    notes
}

/// `12 orders worth €1,234.00 and £80.00 (3 of unknown value)`.
pub(super) fn orders(figures: &FunnelFigures) -> String {
    let noun = if figures.orders == 1 { "order" } else { "orders" };
    let mut words = format!("{} {noun}", format::count(figures.orders));
    let worth = figures.revenue.iter().take(MOST_CURRENCIES);
    let mut worth: Vec<_> = worth
        .map(|revenue| format::money(revenue.micros as f64, &revenue.currency))
        .collect();
    if let Some(more) = figures.revenue.len().checked_sub(MOST_CURRENCIES + 1) {
        worth.push(format!("more in other currencies ({})", more + 1));
    }
    if !worth.is_empty() {
        words += &format!(" worth {}", worth.join(" and "));
    }
    if figures.unvalued > 0 {
        words += &format!(" ({} of unknown value)", format::count(figures.unvalued));
    }
    words
}
