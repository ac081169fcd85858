//! The value of a timer trigger: a nested object, not a string.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::lenient;
use super::payload::Payload;
use super::scalar::{member, object};

/// What the host says about a timer's run. It does not say which time the run is for: take that from the clock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimerInfo {
    /// Runs before and after; `None` without `useMonitor`, or when it fires several times a minute.
    pub schedule_status: Option<ScheduleStatus>,
    /// The run is late: typically the first one after a stop.
    pub is_past_due: bool,
}

/// Runs before and after this one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScheduleStatus {
    /// The run before; `None` at the first one.
    pub last: Option<Timestamp>,
    /// In effect, the time that fired now.
    pub next: Option<Timestamp>,
    /// When the host wrote this down.
    pub last_updated: Option<Timestamp>,
}

impl TimerInfo {
    pub(super) fn read(timer: Map<String, Value>) -> Option<Self> {
        let status = member(&timer, "ScheduleStatus").and_then(object).map(|status| {
            let time = |name| member(&status, name).and_then(lenient::time_of);
            ScheduleStatus {
                last: time("Last"),
                next: time("Next"),
                last_updated: time("LastUpdated"),
            }
        });
        let past_due = member(&timer, "IsPastDue").map(super::scalar::decode);
        let is_past_due = match past_due {
            None | Some(Value::Null) => false,
            Some(Value::Bool(late)) => late,
            Some(_) => return None,
        };
        Some(Self {
            schedule_status: status,
            is_past_due,
        })
    }

    /// The envelope that the host would send.
    pub fn payload(&self, function: &str, binding: &str, now: Timestamp) -> Payload {
        let print = |time: Option<Timestamp>| time.map_or_else(|| lenient::NEVER.to_owned(), lenient::print);
        let status = self.schedule_status.map(|status| {
            json!({
                "Last": print(status.last),
                "Next": print(status.next),
                "LastUpdated": print(status.last_updated),
            })
        });
        let timer = json!({
            "Schedule": { "AdjustForDST": true },
            "ScheduleStatus": status,
            "IsPastDue": self.is_past_due,
        });
        Payload::new(function, now).data(binding, timer)
    }
}
