//! NCRONTAB schedules, by the host's rules: six fields, seconds first; five mean second 0; times are UTC.
//!
//! Reading is done here, since NCRONTAB differs from every cron dialect (no 7 for Sunday, day of month and day of
//! week must both match, `5/10` runs on to the end). The search for the next time is `croner`'s.

use std::fmt;
use std::str::FromStr;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::schedule_field::FIELDS;

/// When a timer fires.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    /// Boxed since it is large and a function's other triggers are small.
    cron: Box<Cron>,
    several_a_minute: bool,
}

/// A schedule that the host would refuse, or that never fires.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[expect(missing_docs, reason = "each message says it")]
pub enum BadSchedule {
    #[error(
        "`{schedule}` has {found} fields, where a schedule has six (second minute hour day month weekday) or five"
    )]
    Fields { schedule: String, found: usize },
    #[error("`{schedule}`: {field}: {problem}")]
    Field {
        schedule: String,
        field: &'static str,
        problem: String,
    },
    #[error("`{0}` never fires: none of its months has such a day")]
    Never(String),
    #[error("`{0}` is a time span: write a schedule of six fields, as in 0 */5 * * * *")]
    TimeSpan(String),
    #[error("`{schedule}`: {problem}")]
    Search { schedule: String, problem: String },
}

impl Schedule {
    /// The first time after `time`, at a whole second; `None` only at the end of the calendar.
    pub fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let second =
            Timestamp::from_second(time.as_nanosecond().div_euclid(1_000_000_000).try_into().ok()?).ok()?;
        let next = self
            .cron
            .find_next_occurrence(&second.to_zoned(TimeZone::UTC), false)
            .ok()?;
        Some(next.timestamp())
    }

    /// Whether it can fire again within a minute; the host remembers no runs of such a timer.
    pub fn fires_several_times_a_minute(&self) -> bool {
        self.several_a_minute
    }
}

impl FromStr for Schedule {
    type Err = BadSchedule;

    fn from_str(text: &str) -> Result<Self, BadSchedule> {
        let schedule = || text.to_owned();
        let mut fields: Vec<&str> = text.split_ascii_whitespace().collect();
        match fields.len() {
            6 => {}
            5 => fields.insert(0, "0"),
            1 if text.contains(':') => return Err(BadSchedule::TimeSpan(schedule())),
            found => {
                return Err(BadSchedule::Fields {
                    schedule: schedule(),
                    found,
                });
            }
        }
        let mut values = Vec::with_capacity(6);
        let mut canonical = Vec::with_capacity(6);
        for (kind, field) in FIELDS.iter().zip(fields) {
            let set = kind.parse(field).map_err(|problem| BadSchedule::Field {
                schedule: schedule(),
                field: kind.name,
                problem,
            })?;
            canonical.push(match kind.is_every(&set) {
                true => "*".to_owned(),
                false => set.iter().map(u8::to_string).collect::<Vec<_>>().join(","),
            });
            values.push(set);
        }
        if let [seconds, _, _, days, months, _] = values.as_slice() {
            if !months
                .iter()
                .any(|month| days.iter().any(|day| *day <= longest(*month)))
            {
                return Err(BadSchedule::Never(schedule()));
            }
            let parser = CronParser::builder()
                .seconds(Seconds::Required)
                .year(Year::Disallowed)
                .dom_and_dow(true)
                .build();
            let cron = parser
                .parse(&canonical.join(" "))
                .map_err(|problem| BadSchedule::Search {
                    schedule: schedule(),
                    problem: problem.to_string(),
                })?;
            return Ok(Self {
                text: schedule(),
                cron: Box::new(cron),
                several_a_minute: seconds.len() > 1,
            });
        }
        Err(BadSchedule::Fields {
            schedule: schedule(),
            found: values.len(),
        })
    }
}

/// Days of the month in a leap year.
fn longest(month: u8) -> u8 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
