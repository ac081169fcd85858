//! Users and sessions over HTTP.

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Authorized, Query, Read};
use axum::Json;
use axum::extract::State;
use domain::analytics::series::{Buckets, Interval, Metric, Question, Reading, TimeSeries, top};
use domain::analytics::{Dimension, RangeRequest, TimeRange, resolve_range, zone};
use domain::usage::{Period, PeriodCounts, Usage, UsageRange, open_since, usage};
use domain::{Fault, Faults};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use store::{Channels, NumbersQuery, PeriodQuery, UsageQuery};
use utoipa::IntoParams;

/// The days and the channel that users and sessions are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UsageParameters {
    /// A point in time of the first day; the whole day is meant.
    from: Option<Timestamp>,
    /// First point in time after the range; the day before it is meant as a whole. Now if only `from` is given.
    to: Option<Timestamp>,
    /// The last so many calendar days, today included: 1 to 400, default 30.
    days: Option<i64>,
    /// The shop's time zone, which is the default; users are counted by no other.
    tz: Option<String>,
    /// Only turns and sessions of this channel.
    channel: Option<String>,
}

/// Active, new and returning users, sessions and how they end, by day, week and month, and which users come back.
#[utoipa::path(get, path = "/v1/analytics/usage", tag = "analytics", security(("key" = ["read"])),
    params(UsageParameters), responses((status = 200, body = Usage)))]
pub async fn get_usage(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<UsageParameters>,
) -> Result<Json<Usage>, ApiError> {
    let (zone, now) = (shop_zone(&app, query.tz)?, app.now());
    let request = RangeRequest {
        from: query.from,
        to: query.to,
        days: query.days,
    };
    let range = UsageRange::touching(resolve_range(request, &zone, now)?, &zone);
    let asked = UsageQuery {
        range,
        channel: query.channel,
        open_since: open_since(now),
    };
    let numbers = app.store().await?.usage_numbers(asked).await?;
    let tz = app.config().time_zone.clone();
    Ok(Json(usage(range, &zone, tz, &numbers, now)))
}

/// The shop's zone, unless another one is asked for.
fn shop_zone(app: &App, asked: Option<String>) -> Result<TimeZone, Faults> {
    let name = &app.config().time_zone;
    let shop = zone(name)?;
    match asked {
        Some(asked) => only_shop(&shop, name, &zone(&asked)?).map(|()| shop),
        None => Ok(shop),
    }
}

fn only_shop(shop: &TimeZone, name: &str, asked: &TimeZone) -> Result<(), Faults> {
    if shop == asked {
        return Ok(());
    }
    let detail = format!("users and sessions are counted by days of the shop's zone only: {name}");
    Err(Fault::query("tz", detail).into())
}

/// Users or sessions over time: whole days, weeks or months of the shop's zone, in all or by channel. Each period counts whole,
/// so the range of the answer ends with its buckets.
pub(super) async fn series(
    app: &App,
    question: Question,
    most: usize,
    buckets: &Buckets,
    about: NumbersQuery,
    tz: String,
) -> Result<TimeSeries, ApiError> {
    let name = &app.config().time_zone;
    only_shop(&zone(name)?, name, &about.zone)?;
    let query = PeriodQuery {
        period: period(question.interval)?,
        range: UsageRange::touching(about.range, &about.zone),
        channels: channels(question, &about)?,
    };
    let whole = TimeRange {
        from: buckets.starts.first().copied().unwrap_or(about.range.from),
        to: buckets.end,
    };
    let buckets = Buckets::of(whole, question.interval, &about.zone, 1)?;
    let day = |start: &Timestamp| start.to_zoned(about.zone.clone()).date();
    let places: HashMap<_, _> = buckets.starts.iter().map(day).zip(0..).collect();
    let mut groups: HashMap<String, BTreeMap<usize, PeriodCounts>> = HashMap::new();
    for row in app.store().await?.period_counts(query).await? {
        if let Some(place) = places.get(&row.start) {
            let group = groups.entry(
                row.channel
                    .filter(|_| question.group_by.is_some())
                    .unwrap_or_default(),
            );
            group.or_default().insert(*place, row.counts);
        }
    }
    let of = |counts: &PeriodCounts| question.metric.of_usage(counts);
    let mut groups = top(groups, most, of);
    // A user of two channels would count twice in the rest.
    groups.retain(|group| !group.other || question.metric == Metric::Sessions);
    Ok(TimeSeries::of(question, whole, &buckets, tz, groups, |counts| {
        Some(Reading::Count(of(counts)))
    }))
}

fn period(interval: Interval) -> Result<Period, Faults> {
    match interval {
        Interval::Day => Ok(Period::Day),
        Interval::Week => Ok(Period::Week),
        Interval::Month => Ok(Period::Month),
        Interval::Hour => Err(Fault::query(
            "interval",
            "users and sessions are counted by day, week and month",
        )
        .into()),
    }
}

/// Of which channels; a fault for what users and sessions are not counted by.
fn channels(question: Question, about: &NumbersQuery) -> Result<Channels, Faults> {
    let filter = &about.filter;
    let others = [("type", filter.kind.is_some()), ("model", filter.model.is_some())];
    let grouped = question
        .group_by
        .is_some_and(|dimension| dimension != Dimension::Channel);
    let others = others
        .into_iter()
        .chain([("group_by", grouped)])
        .filter(|(_, asked)| *asked);
    let faults: Vec<_> = others
        .map(|(name, _)| Fault::query(name, "users and sessions are counted in all and by channel"))
        .collect();
    if !faults.is_empty() {
        return Err(Faults(faults));
    }
    Ok(match (&filter.channel, question.group_by) {
        (Some(channel), _) => Channels::One(channel.clone()),
        (None, Some(_)) => Channels::Each,
        (None, None) => Channels::Together,
    })
}
