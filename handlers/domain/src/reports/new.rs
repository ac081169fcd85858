//! A report that someone asks for.

use super::{Period, ReportKind};
use crate::fault::{Fault, Faults};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which report to make.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    /// Day, week or month.
    pub kind: ReportKind,
    /// Name of the period: `2026-11-22`, `2026-W46` or `2026-11`; default: the last one that is over.
    #[serde(default)]
    pub period: Option<String>,
    /// Whether it is sent to all who get the scheduled ones.
    #[serde(default)]
    pub deliver: bool,
}

impl NewReport {
    /// The period that is meant, seen from `now`; one that is not over yet is a fault.
    pub fn period(&self, now: Timestamp, zone: &TimeZone) -> Result<Period, Faults> {
        let Some(name) = &self.period else {
            return Ok(Period::last_full(self.kind, now, zone));
        };
        let period = Period::parse(self.kind, name, zone)
            .map_err(|error| Fault::invalid("/period", error.to_string()))?;
        if period.range.to > now {
            let end = period.range.to;
            return Err(Fault::invalid(
                "/period",
                format!("takes a period that is over: this one ends at {end}"),
            )
            .into());
        }
        Ok(period)
    }
}
