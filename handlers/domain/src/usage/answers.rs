//! The answer of `get_usage`. What is not known is null, never 0.

use crate::analytics::LatencyFigures;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// Active users of the latest day, week and month of the range; the current ones count as far as they have come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct ActiveUsers {
    /// Daily: users with a turn on the latest day.
    pub dau: i64,
    /// Weekly: users with a turn in the latest ISO week, also before the range.
    pub wau: i64,
    /// Monthly: users with a turn in the latest calendar month, also before the range.
    pub mau: i64,
    /// The mean of the daily users of the latest month, up to today, over its monthly users: 0 to 1; null without users.
    pub stickiness: Option<f64>,
}

/// Users and sessions of one day, week or month of the shop's zone. All of it is meant, also where the range begins
/// or ends within.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PeriodUsage {
    /// First day; of a week it is the Monday.
    #[schema(value_type = String, format = Date)]
    pub start: Date,
    /// Users with a turn in it, each once.
    pub users: i64,
    /// Those of them who were never seen before.
    pub new_users: i64,
    /// Those of them who were.
    pub returning_users: i64,
    /// Sessions with a turn in it, each once.
    pub sessions: i64,
    /// Those of them that name a user, per user; null without users.
    pub sessions_per_user: Option<f64>,
}

/// Users and sessions of one month.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MonthlyUsage {
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub usage: PeriodUsage,
    /// The mean of the daily users of the month, up to today, over its users: 0 to 1; null without users.
    pub stickiness: Option<f64>,
}

/// How many of a cohort came back some weeks later.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CohortWeek {
    /// Weeks after the first: 1 to 12.
    pub week: i64,
    /// Users of the cohort with a turn in that week, so far; null before it begins.
    pub users: Option<i64>,
    /// Over all users of the cohort: 0 to 1.
    pub rate: Option<f64>,
}

/// The users who were seen for the first time in the same week.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Cohort {
    /// The Monday of that week.
    #[schema(value_type = String, format = Date)]
    pub week: Date,
    /// How many they are.
    pub users: i64,
    /// How many of them came back in each of the 12 weeks after it.
    pub returned: Vec<CohortWeek>,
}

/// Who uses the assistant, and how. With a channel, all figures are about turns and sessions of that channel only: a user
/// is new on the first day ever seen there. A session is of the day and the channel of its first turn.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Usage {
    /// First point in time: the start of a day of the shop's zone.
    pub from: Timestamp,
    /// First point in time after it, likewise.
    pub to: Timestamp,
    /// The shop's zone.
    pub tz: String,
    /// Users of the latest day, week and month.
    pub active_users: ActiveUsers,
    /// Users who were seen for the first time within the range.
    pub new_users: i64,
    /// Sessions that began within the range.
    pub sessions: i64,
    /// Sessions a day of the users of that day, over all days of the range; null without users.
    pub sessions_per_user: Option<f64>,
    /// Turns of the sessions; null without sessions.
    pub turns_per_session: Option<f64>,
    /// From the start of a session's first turn to the latest end (or start) of one, of sessions that have a length; the
    /// percentiles are within 2 %.
    pub session_length_ms: LatencyFigures,
    /// Sessions with a second turn over all, 0 to 1.
    pub follow_up_rate: Option<f64>,
    /// Sessions whose last turn failed, or is pending for longer than half an hour, over all but those that wait for
    /// their last turn less long than that: 0 to 1.
    pub abandonment_rate: Option<f64>,
    /// Sessions that name no user over all, 0 to 1.
    pub anonymous_share: Option<f64>,
    /// Every day of the range.
    pub by_day: Vec<PeriodUsage>,
    /// Every week that the range touches.
    pub by_week: Vec<PeriodUsage>,
    /// Every month that the range touches.
    pub by_month: Vec<MonthlyUsage>,
    /// Retention: the cohorts of the weeks that the range touches, those without users left out.
    pub retention: Vec<Cohort>,
}
