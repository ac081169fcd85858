//! Users and sessions over HTTP.

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Authorized, Query, Read};
use axum::Json;
use axum::extract::State;
use domain::analytics::{RangeRequest, resolve_range, zone};
use domain::usage::{Usage, UsageRange, open_since, usage};
use domain::{Fault, Faults};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
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
    let asked = store::UsageQuery {
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
        Some(asked) if zone(&asked)? != shop => {
            let detail = format!("users and sessions are counted by days of the shop's zone only: {name}");
            Err(Fault::query("tz", detail).into())
        }
        _ => Ok(shop),
    }
}
