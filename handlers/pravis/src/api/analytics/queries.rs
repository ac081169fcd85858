//! What shoppers ask for.

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Authorized, Query, Read, limit};
use axum::Json;
use axum::extract::State;
use domain::analytics::queries::{QueryFigures, TopQueries};
use domain::analytics::{RangeRequest, resolve_range, zone};
use domain::interactions::InteractionType;
use jiff::Timestamp;
use serde::Deserialize;
use store::QueriesQuery;
use utoipa::IntoParams;

/// The stretch of time and the turns whose texts are counted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QueriesParameters {
    /// First point in time.
    from: Option<Timestamp>,
    /// First point in time after the range; now if only `from` is given.
    to: Option<Timestamp>,
    /// The last so many calendar days of `tz`, today included: 1 to 400, default 30.
    days: Option<i64>,
    /// IANA time zone of the days; default: the shop's.
    tz: Option<String>,
    /// Turns of this type; default: `search`.
    #[serde(rename = "type")]
    #[param(inline)]
    kind: Option<InteractionType>,
    /// Only turns of this channel.
    channel: Option<String>,
    /// Most texts that are shown, 1 to 200; default 50.
    limit: Option<usize>,
}

/// What shoppers ask for: the texts of requests, failed ones and those without a result first. Texts are compared in small letters, with
/// e-mail addresses and long numbers masked, and cut after 120 characters. Turns that retention removed are not counted here: their
/// texts are forgotten with them.
#[utoipa::path(get, path = "/v1/analytics/queries", tag = "analytics", security(("key" = ["read"])),
    params(QueriesParameters), responses((status = 200, body = TopQueries)))]
pub async fn get_top_queries(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<QueriesParameters>,
) -> Result<Json<TopQueries>, ApiError> {
    let tz = query.tz.unwrap_or_else(|| app.config().time_zone.clone());
    let request = RangeRequest {
        from: query.from,
        to: query.to,
        days: query.days,
    };
    let asked = QueriesQuery {
        range: resolve_range(request, &zone(&tz)?, app.now())?,
        kind: query.kind.unwrap_or(InteractionType::Search),
        channel: query.channel,
        limit: limit(query.limit)?,
    };
    Ok(Json(top_queries(&app, asked, tz).await?))
}

/// What is asked for in the turns that `asked` names.
pub async fn top_queries(app: &App, asked: QueriesQuery, tz: String) -> Result<TopQueries, ApiError> {
    let (range, kind) = (asked.range, asked.kind);
    let counted = app.store().await?.top_queries(asked).await?.into_iter();
    Ok(TopQueries {
        from: range.from,
        to: range.to,
        tz,
        kind,
        queries: counted
            .map(|(text, counts)| QueryFigures::of(kind, text, &counts))
            .collect(),
    })
}
