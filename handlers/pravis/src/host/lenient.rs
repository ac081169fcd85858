//! Dates as .NET prints them: with or without an offset, 0 to 7 digits of fraction, year 1 for "never".

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// What .NET sends for a time that was never set.
pub const NEVER: &str = "0001-01-01T00:00:00";

/// The time that a date stands for. No offset means UTC, the only zone of the plans we run on.
///
/// Year 1 is no time, and neither is text that is no date: a timer must not fail because of its history.
pub fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        // Refused with an offset: as a civil time it would silently lose it.
        let civil = text.parse::<DateTime>().ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })?;
    (time.to_zoned(TimeZone::UTC).year() > 1).then_some(time)
}

/// As [`time`], of a JSON value; a date may have been encoded twice.
pub fn time_of(value: &Value) -> Option<Timestamp> {
    super::scalar::text(value).as_deref().and_then(time)
}

/// As the host prints a time of the local zone on a machine that runs in UTC.
pub fn print(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.f+00:00").to_string()
}
