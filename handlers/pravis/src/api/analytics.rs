//! Numbers over HTTP.

pub mod costs;
pub mod errors;
pub mod queries;
pub mod timeseries;
pub mod usage;

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Authorized, Query, Read};
use axum::Json;
use axum::extract::State;
use domain::analytics::{
    CategoryFeedback, DailyStats, FeedbackSummary, Figures, InteractionStats, ModelFeedback, ModelStats,
    RangeRequest, StatsFilter, TypeFeedback, TypeStats, days_of, resolve_range, zone,
};
use domain::interactions::InteractionType;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::NumbersQuery;
use utoipa::IntoParams;

/// The stretch of time and the turns that numbers are about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatsQuery {
    /// First point in time.
    from: Option<Timestamp>,
    /// First point in time after the range; now if only `from` is given.
    to: Option<Timestamp>,
    /// The last so many calendar days of `tz`, today included: 1 to 400, default 30.
    days: Option<i64>,
    /// IANA time zone of the days; default: the shop's.
    tz: Option<String>,
    /// Only turns of this type.
    #[serde(rename = "type")]
    #[param(inline)]
    kind: Option<InteractionType>,
    /// Only turns of this model.
    model: Option<String>,
    /// Only turns of this channel.
    channel: Option<String>,
}

impl StatsQuery {
    /// The question to the store, and the name of the zone.
    fn question(self, app: &App) -> Result<(NumbersQuery, String), ApiError> {
        let tz = self.tz.unwrap_or_else(|| app.config().time_zone.clone());
        let zone = zone(&tz)?;
        let request = RangeRequest {
            from: self.from,
            to: self.to,
            days: self.days,
        };
        let range = resolve_range(request, &zone, app.now())?;
        let filter = StatsFilter {
            kind: self.kind,
            model: self.model,
            channel: self.channel,
            prompt_version: None,
        };
        Ok((NumbersQuery { range, zone, filter }, tz))
    }
}

/// An unknown dimension is the empty text in rollups, and null in answers.
pub(crate) fn known(name: String) -> Option<String> {
    Some(name).filter(|name| !name.is_empty())
}

/// Counts, success, latency, tokens and cost of turns, in all and by type, model and day.
#[utoipa::path(get, path = "/v1/analytics/interactions", tag = "analytics", security(("key" = ["read"])),
    params(StatsQuery), responses((status = 200, body = InteractionStats)))]
pub async fn get_interaction_stats(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<StatsQuery>,
) -> Result<Json<InteractionStats>, ApiError> {
    let (question, tz) = query.question(&app)?;
    let (range, zone) = (question.range, question.zone.clone());
    let numbers = app.store().await?.interaction_numbers(question).await?;
    let mut days: BTreeMap<_, _> = days_of(range, &zone)
        .map(|day| (day, Figures::default()))
        .collect();
    days.extend(numbers.by_day.iter().map(|(day, rollup)| (*day, rollup.into())));
    let by_type = numbers.by_type.iter();
    let by_type = by_type.filter_map(|(kind, rollup)| {
        Some(TypeStats {
            kind: kind.parse().ok()?,
            figures: rollup.into(),
        })
    });
    let by_model = numbers.by_model.into_iter();
    let by_model = by_model.map(|(model, rollup)| ModelStats {
        model: known(model),
        figures: (&rollup).into(),
    });
    Ok(Json(InteractionStats {
        from: range.from,
        to: range.to,
        tz,
        figures: (&numbers.total).into(),
        by_type: by_type.collect(),
        by_model: by_model.collect(),
        by_day: days
            .into_iter()
            .map(|(day, figures)| DailyStats { day, figures })
            .collect(),
    }))
}

/// Counts, ratings and thumbs of feedback, in all and by category, type and model, with the latest comments.
#[utoipa::path(get, path = "/v1/analytics/feedback", tag = "analytics", security(("key" = ["read"])),
    params(StatsQuery), responses((status = 200, body = FeedbackSummary)))]
pub async fn get_feedback_summary(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<StatsQuery>,
) -> Result<Json<FeedbackSummary>, ApiError> {
    let (question, tz) = query.question(&app)?;
    let range = question.range;
    let numbers = app.store().await?.feedback_numbers(question).await?;
    let by_category = numbers.by_category.into_iter();
    let by_category = by_category.map(|(category, rollup)| CategoryFeedback {
        category: category.parse().ok(),
        figures: (&rollup).into(),
    });
    let by_type = numbers.by_type.iter();
    let by_type = by_type.filter_map(|(kind, rollup)| {
        Some(TypeFeedback {
            kind: kind.parse().ok()?,
            figures: rollup.into(),
        })
    });
    let by_model = numbers.by_model.into_iter();
    let by_model = by_model.map(|(model, rollup)| ModelFeedback {
        model: known(model),
        figures: (&rollup).into(),
    });
    Ok(Json(FeedbackSummary {
        from: range.from,
        to: range.to,
        tz,
        figures: (&numbers.total).into(),
        by_category: by_category.collect(),
        by_type: by_type.collect(),
        by_model: by_model.collect(),
        common: numbers.common,
        latest_comments: numbers.latest_comments,
    }))
}
