//! The table, as text that can be pasted into a note, and as JSON.

use serde::Serialize;
use serde_json::Value;

use super::latency::Spread;

/// What a figure has to reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// How a figure is written.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) enum Unit {
    #[serde(rename = "per second")]
    PerSecond,
    #[serde(rename = "ms")]
    Milliseconds,
    /// 1,000,000 bytes.
    #[serde(rename = "MB")]
    Megabytes,
    #[serde(rename = "ratio")]
    Ratio,
}

/// One line of the table.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) unit: Unit,
    pub(super) bound: Option<Bound>,
    /// Null when it could not be measured.
    pub(super) measured: Option<f64>,
    pub(super) spread_ms: Option<Spread>,
    /// What this machine can do at most, measured in the same run.
    pub(super) raw: String,
    /// Why the figure does not count, whatever it is.
    pub(super) fault: Option<String>,
}

impl Row {
    pub(super) fn new(what: impl Into<String>, unit: Unit, bound: Option<Bound>, measured: f64) -> Self {
        let measured = Some(measured);
        Self {
            what: what.into(),
            unit,
            bound,
            measured,
            spread_ms: None,
            raw: String::new(),
            fault: None,
        }
    }

    pub(super) fn spread(mut self, spread: Spread) -> Self {
        self.spread_ms = Some(spread);
        self
    }

    pub(super) fn raw(mut self, raw: impl Into<String>) -> Self {
        self.raw = raw.into();
        self
    }

    pub(super) fn fault(mut self, fault: Option<String>) -> Self {
        self.fault = fault;
        self
    }

    /// Whether the bound is kept; a row without one is only for reading.
    pub(super) fn passes(&self) -> bool {
        let kept = match (self.bound, self.measured) {
            (None, _) => true,
            (Some(Bound::AtLeast(bound)), Some(measured)) => measured >= bound,
            (Some(Bound::AtMost(bound)), Some(measured)) => measured <= bound,
            (Some(_), None) => false,
        };
        kept && self.fault.is_none()
    }

    fn cells(&self) -> [String; 6] {
        let bound = match self.bound {
            None => String::new(),
            Some(Bound::AtLeast(bound)) => format!("≥ {}", self.unit.write(bound)),
            Some(Bound::AtMost(bound)) => format!("≤ {}", self.unit.write(bound)),
        };
        let mark = match (self.passes(), self.bound) {
            (true, None) => "",
            (true, Some(_)) => "pass",
            (false, _) => "FAIL",
        };
        let spread = self
            .spread_ms
            .map(|Spread { p50, p95, p99 }| format!("{p50:.2} / {p95:.2} / {p99:.2}"));
        [
            self.what.clone(),
            bound,
            self.measured
                .map_or_else(|| "not measured".to_owned(), |measured| self.unit.write(measured)),
            mark.to_owned(),
            spread.unwrap_or_default(),
            self.raw.clone(),
        ]
    }
}

impl Unit {
    /// The figure with its unit: `30,000/s`, `1.85 ms`, `38 MB`, `0.61 ×`.
    pub(super) fn write(self, figure: f64) -> String {
        match self {
            Self::PerSecond => format!("{}/s", thousands(figure.round() as u64)),
            Self::Milliseconds => format!("{figure:.2} ms"),
            Self::Megabytes => format!("{figure:.1} MB"),
            Self::Ratio => format!("{figure:.2} ×"),
        }
    }
}

pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The rows as JSON, each with whether it `passes`.
pub(super) fn json(rows: &[Row]) -> serde_json::Result<Vec<Value>> {
    let row = |row: &Row| {
        let mut value = serde_json::to_value(row)?;
        value["passes"] = Value::Bool(row.passes());
        Ok(value)
    };
    rows.iter().map(row).collect()
}

const HEADINGS: [&str; 6] = [
    "what",
    "bound",
    "measured",
    "",
    "p50 / p95 / p99 ms",
    "raw limit, same run",
];

/// The rows as a table in Markdown, lined up, and below it why figures do not count.
pub(super) fn table(rows: &[Row]) -> String {
    let mut lines = vec![HEADINGS.map(str::to_owned)];
    lines.extend(rows.iter().map(Row::cells));
    let widths: [usize; 6] = std::array::from_fn(|column| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or(0)
    });
    lines.insert(1, widths.map(|width| "-".repeat(width)));
    let mut text = String::new();
    for line in &lines {
        for (cell, width) in line.iter().zip(widths) {
            text.push_str(&format!("| {cell:<width$} "));
        }
        text.push_str("|\n");
    }
    for row in rows {
        if let Some(fault) = &row.fault {
            text.push_str(&format!("\n{}: {fault}\n", row.what));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_their_units() {
        assert_eq!(Unit::PerSecond.write(1_234_567.4), "1,234,567/s");
        assert_eq!(Unit::PerSecond.write(999.0), "999/s");
        assert_eq!(Unit::Milliseconds.write(1.851), "1.85 ms");
        assert_eq!(Unit::Megabytes.write(38.04), "38.0 MB");
        assert_eq!(Unit::Ratio.write(0.613), "0.61 ×");
    }

    #[test]
    fn a_bound_is_kept_or_not() {
        let row = |bound, measured| Row::new("x", Unit::Milliseconds, Some(bound), measured);
        assert!(row(Bound::AtLeast(2.0), 2.0).passes());
        assert!(!row(Bound::AtLeast(2.0), 1.9).passes());
        assert!(row(Bound::AtMost(2.0), 2.0).passes());
        assert!(!row(Bound::AtMost(2.0), 2.1).passes());
        assert!(!row(Bound::AtMost(2.0), 1.0).fault(Some("500".into())).passes());
        assert!(Row::new("x", Unit::Ratio, None, 9.0).passes());
        assert!(
            !Row {
                measured: None,
                ..row(Bound::AtMost(2.0), 0.0)
            }
            .passes()
        );
    }

    #[test]
    fn the_table_reads_as_markdown() {
        let rows = [
            Row::new(
                "single POST",
                Unit::PerSecond,
                Some(Bound::AtLeast(8_000.0)),
                12_345.0,
            )
            .spread(Spread {
                p50: 1.0,
                p95: 2.5,
                p99: 3.25,
            })
            .raw("plain axum 60,000/s"),
            Row::new("get", Unit::Milliseconds, Some(Bound::AtMost(2.0)), 3.0)
                .fault(Some("1 answers: 500".into())),
        ];
        let expected = "\
| what        | bound     | measured |      | p50 / p95 / p99 ms | raw limit, same run |
| ----------- | --------- | -------- | ---- | ------------------ | ------------------- |
| single POST | ≥ 8,000/s | 12,345/s | pass | 1.00 / 2.50 / 3.25 | plain axum 60,000/s |
| get         | ≤ 2.00 ms | 3.00 ms  | FAIL |                    |                     |

get: 1 answers: 500
";
        assert_eq!(table(&rows), expected);
    }

    #[test]
    fn json_names_what_is_measured() {
        let row = Row::new("get", Unit::Milliseconds, Some(Bound::AtMost(2.0)), 1.0);
        let json = &json(&[row]).unwrap()[0];
        assert_eq!(json["passes"], true);
        assert_eq!(json["unit"], "ms");
        assert_eq!(json["bound"]["at_most"], 2.0);
    }
}
