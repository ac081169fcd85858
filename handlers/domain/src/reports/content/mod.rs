//! What a report says: a plain document, from which its page and its table are made.

mod causes;
mod excerpt;
mod figure;
mod funnel;
mod groups;
mod measured;
mod opinions;
mod quality;
mod series;
pub mod significance;

pub use causes::{Failure, Query, failures};
pub use excerpt::excerpt;
pub use figure::{Figure, Metric, Unit};
pub use funnel::Funnel;
pub use groups::{Group, Groups, Unpriced, unpriced};
pub use measured::{Measured, Orders, Part, headline};
pub use opinions::{JudgedTurn, Opinions};
pub use quality::{Flaw, Note, Quality};
pub use series::{Interval, Point, Series};

use super::{Period, ReportKind};
use crate::analytics::costs::MonthToDate;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

/// The name of this form of document. Members are added under the same name; what means something else gets a new one.
pub const SCHEMA: &str = "pravis.report/1";

/// A stretch of time by its name.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::NamedPeriod)]
pub struct NamedPeriod {
    /// `2026-11-22`, `2026-W46` or `2026-11`.
    pub name: String,
    /// First point in time.
    pub from: Timestamp,
    /// First point in time after it.
    pub to: Timestamp,
}

impl From<&Period> for NamedPeriod {
    fn from(period: &Period) -> Self {
        Self {
            name: period.name(),
            from: period.range.from,
            to: period.range.to,
        }
    }
}

/// What a report says. What is not known, and what the shop does not send, is null, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Content)]
pub struct Content {
    /// The form of this document: `pravis.report/1`.
    pub schema: &'static str,
    /// Whether it is about a day, a week or a month.
    pub kind: ReportKind,
    /// What it is about.
    pub period: NamedPeriod,
    /// What its figures are compared with.
    pub previous: NamedPeriod,
    /// IANA name of the zone whose days these are.
    pub time_zone: String,
    /// When it was made.
    pub generated_at: Timestamp,
    /// Counts the reports on this period, from 1.
    pub revision: u32,
    /// The figures that matter most.
    pub headline: Vec<Figure>,
    /// The period by days, a day by hours.
    pub series: Series,
    /// By model.
    pub models: Groups,
    /// By type.
    pub types: Groups,
    /// Models with turns whose cost is not known.
    pub unpriced: Vec<Unpriced>,
    /// What the month cost up to the end of the period, and what all of it will cost; null where the period is a whole month.
    pub month: Option<MonthToDate>,
    /// Feedback in numbers.
    pub opinions: Opinions,
    /// Failures by kind and model, most first, at most 20; those of the period before that have gone are the last.
    pub errors: Vec<Failure>,
    /// What shoppers looked for, what failed first.
    pub queries: Vec<Query>,
    /// From the answer to the order; null where the shop sends no events.
    pub funnel: Option<Funnel>,
    /// Turns that shoppers liked best, at most 5.
    pub best: Vec<JudgedTurn>,
    /// Turns that shoppers liked least, at most 5.
    pub worst: Vec<JudgedTurn>,
    /// How far the figures can be trusted.
    pub quality: Quality,
}

impl Content {
    /// The headline figure of a metric, the first where there are several.
    pub fn figure(&self, metric: Metric) -> Option<&Figure> {
        self.headline.iter().find(|figure| figure.metric == metric)
    }
}

/// The name of a zone; an offset for one that has no name.
pub fn zone_name(zone: &TimeZone, at: Timestamp) -> String {
    zone.iana_name()
        .map_or_else(|| zone.to_offset(at).to_string(), str::to_owned)
}

/// A part of a whole; none when the whole is nothing.
fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
