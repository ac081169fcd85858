//! Models and types.

use super::format::{self, or_dash};
use domain::reports::content as domain;

/// Longest name that is shown whole.
const NAME: usize = 60;

/// A table of groups.
pub(super) struct Groups {
    pub(super) rows: Vec<Row>,
    /// How many more there are, in words; empty when none.
    pub(super) more: String,
}

/// A line of it.
pub(super) struct Row {
    /// Empty for none.
    pub(super) name: String,
    pub(super) turns: String,
    pub(super) share: String,
    /// The share in whole percent.
    pub(super) bar: i64,
    pub(super) success: String,
    pub(super) p95: String,
    pub(super) cost: String,
    pub(super) each: String,
}

/// A model without prices.
pub(super) struct Unpriced {
    pub(super) name: String,
    pub(super) turns: String,
    pub(super) share: String,
}

pub(super) fn groups(groups: &domain::Groups) -> Groups {
    let usd = |micros: f64| format::money(micros, "USD");
    let row = |group: &domain::Group| Row {
        name: name(group.name.as_deref()),
        turns: format::count(group.interactions),
        share: or_dash(group.share, format::percent),
        bar: (group.share.unwrap_or(0.0) * 100.0).round() as i64,
        success: or_dash(group.success_rate, format::percent),
        p95: or_dash(group.p95_ms, format::millis),
        cost: or_dash(group.cost_micros, |micros| usd(micros as f64)),
        each: or_dash(group.cost_micros_per_success, usd),
    };
    Groups {
        rows: groups.items.iter().map(row).collect(),
        more: match groups.more {
            0 => String::new(),
            more => format!(
                "and {} more",
                format::count(i64::try_from(more).unwrap_or(i64::MAX))
            ),
        },
    }
}

pub(super) fn unpriced(models: &[domain::Unpriced]) -> Vec<Unpriced> {
    let one = |model: &domain::Unpriced| Unpriced {
        name: name(model.model.as_deref()),
        turns: format::count(model.turns),
        share: or_dash(model.share, format::percent),
    };
    models.iter().map(one).collect()
}

/// The name that a client gave, as far as there is room for it.
pub(super) fn name(name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
