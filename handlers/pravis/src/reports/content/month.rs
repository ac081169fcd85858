//! What the month costs.

use crate::api::analytics::costs::by_date;
use domain::analytics::costs::MonthToDate;
use domain::analytics::series::Buckets;
use domain::analytics::{Part, StatsFilter, TimeRange};
use domain::reports::{Period, ReportKind};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use store::{SeriesQuery, Store, StoreError};

/// The month in which the period ends, up to that end, or to now where the period is not over: a report that is made again
/// later says the same. None of a whole month, whose cost the report tells anyway.
pub(super) async fn month(
    store: &dyn Store,
    period: &Period,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Option<MonthToDate>, StoreError> {
    if period.kind == ReportKind::Monthly && period.range.to <= now {
        return Ok(None);
    }
    let end = period.range.to.min(now);
    let date = |at: Timestamp| at.to_zoned(zone.clone()).date();
    // At the end of a day the next one has begun, and nothing of it is counted yet.
    let today = date(end);
    let last = end.saturating_sub(1.microsecond()).map_or(today, date);
    let first_of_month = last.first_of_month();
    let first = MonthToDate::counted_from(first_of_month, today).to_zoned(zone.clone());
    let range = TimeRange {
        from: first.map_or(end, |start| start.timestamp()),
        to: end,
    };
    let days = Buckets::days(range, zone);
    let query = SeriesQuery {
        edges: days.edges.clone(),
        filter: StatsFilter::default(),
        group_by: None,
        parts: &[Part::Cost],
    };
    let counted = store.interaction_series(vec![query]).await?;
    let counted = counted.into_iter().next();
    let counted = counted
        .and_then(|mut groups| groups.remove(""))
        .unwrap_or_default();
    let days = by_date(&days, counted, zone);
    Ok(Some(MonthToDate::of(first_of_month, today, &days)))
}
