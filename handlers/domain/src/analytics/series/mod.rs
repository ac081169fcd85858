//! Numbers over time: a metric in buckets of a zone's calendar, by the groups that matter most.

mod answer;
mod buckets;
mod groups;
mod metric;

pub use answer::{Point, Question, Reading, Series, TimeSeries};
pub use buckets::{Buckets, Interval};
pub use groups::{Group, Grouped, top};
pub use metric::{Metric, Source};

use crate::fault::{Fault, Faults};

/// Most points of an answer: buckets times groups.
pub const MOST_POINTS: usize = 10_000;
/// Most groups that are told apart.
pub const MOST_GROUPS: usize = 50;
/// Groups that are told apart when nothing is said.
pub const DEFAULT_GROUPS: usize = 10;

/// How many groups are told apart, of those that `top` asks for.
pub fn groups_of(top: Option<usize>) -> Result<usize, Faults> {
    let top = top.unwrap_or(DEFAULT_GROUPS);
    if (1..=MOST_GROUPS).contains(&top) {
        Ok(top)
    } else {
        Err(Fault::query("top", format!("takes 1 to {MOST_GROUPS}, not {top}")).into())
    }
}
