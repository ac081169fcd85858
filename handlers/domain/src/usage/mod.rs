//! Who uses the assistant, and how: users and sessions per day, week and month, kept as sums that are changed by what a
//! recount finds different.
//!
//! The base is a **part**: what a session has within one quarter of an hour. It is a pure function of that quarter's turns.
//! A session is the sum of its parts, and a user was there on a day when a part of that day names him or her. All counts
//! are sums over sessions and over users, so a recount takes away what those contributed before and adds what they do now.

mod answers;
mod counts;
mod figures;
mod part;
mod period;
mod recount;
mod users;

pub use answers::{ActiveUsers, Cohort, CohortWeek, MonthlyUsage, PeriodUsage, Usage};
pub use counts::{CohortKey, PeriodCounts, PeriodKey, SessionKey, SessionRollup, UserDay};
pub use figures::{ABANDONED_AFTER, SessionRange, UsageNumbers, UsageRange, open_since, usage};
pub use part::{PartKey, SessionPart, SessionSummary, UsageTurn, parts, sealed};
pub use period::Period;
pub use recount::Recount;
pub use users::COHORT_WEEKS;
