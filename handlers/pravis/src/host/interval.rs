//! .NET time spans (`[d.]hh:mm:ss[.fffffff]`), which the host's files use for every duration.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

/// A duration written as a .NET time span, such as `00:10:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval(pub Duration);

/// Text that is no time span.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no time span: write hh:mm:ss, as in 00:10:00")]
pub struct NoInterval(String);

impl FromStr for Interval {
    type Err = NoInterval;

    fn from_str(text: &str) -> Result<Self, NoInterval> {
        parse(text).map(Self).ok_or_else(|| NoInterval(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Duration> {
    let mut parts = text.split(':');
    let (first, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (days, hours) = first.split_once('.').unwrap_or(("0", first));
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let days = number(days, 10_000_000)?;
    let whole = ((days * 24 + number(hours, 23)?) * 60 + number(minutes, 59)?) * 60 + number(seconds, 59)?;
    if fraction.len() > 7 {
        return None;
    }
    let nanoseconds = number(&format!("{fraction:0<9}"), 999_999_999)?;
    Some(Duration::from_secs(whole) + Duration::from_nanos(nanoseconds))
}

fn number(text: &str, most: u64) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|n| *n <= most)
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0.as_secs();
        write!(f, "{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
