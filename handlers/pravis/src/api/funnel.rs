//! The funnel over HTTP.

use super::analytics::known;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Authorized, Query, Read};
use axum::Json;
use axum::extract::State;
use domain::analytics::{
    FunnelAnswer, FunnelFigures, FunnelGroup, FunnelRollup, RangeRequest, StatsFilter, Touch, Window,
    resolve_range, zone,
};
use domain::interactions::InteractionType;
use jiff::Timestamp;
use serde::Deserialize;
use store::NumbersQuery;
use utoipa::{IntoParams, ToSchema};

/// What a funnel may be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum GroupBy {
    Model,
    PromptVersion,
}

/// The turns that a funnel is about, and what counts as led to.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FunnelParameters {
    /// First point in time: when turns began. What they led to may come later.
    from: Option<Timestamp>,
    /// First point in time after the range; now if only `from` is given.
    to: Option<Timestamp>,
    /// The last so many calendar days of `tz`, today included: 1 to 400, default 30.
    days: Option<i64>,
    /// IANA time zone of the days; default: the shop's.
    tz: Option<String>,
    /// How long after its turn an event may come; default `24h`.
    #[param(inline)]
    window: Window,
    /// Which of the turns that qualify is credited; default `last`.
    #[param(inline)]
    touch: Touch,
    /// Only turns of this type.
    #[serde(rename = "type")]
    #[param(inline)]
    kind: Option<InteractionType>,
    /// Only turns of this model.
    model: Option<String>,
    /// Only turns of this channel.
    channel: Option<String>,
    /// Only turns with this version of the prompt.
    prompt_version: Option<String>,
    /// Show only this grouping; default: both.
    #[param(inline)]
    group_by: Option<GroupBy>,
}

impl FunnelParameters {
    /// The question to the store, and the name of the zone.
    fn question(&self, app: &App) -> Result<(NumbersQuery, String), ApiError> {
        let tz = self.tz.as_ref().unwrap_or(&app.config().time_zone);
        let request = RangeRequest {
            from: self.from,
            to: self.to,
            days: self.days,
        };
        let zone = zone(tz)?;
        let range = resolve_range(request, &zone, app.now())?;
        let filter = StatsFilter {
            kind: self.kind,
            model: self.model.clone(),
            channel: self.channel.clone(),
            prompt_version: self.prompt_version.clone(),
        };
        Ok((NumbersQuery { range, zone, filter }, tz.clone()))
    }
}

/// From the assistant's turn to the order: turns, products shown, viewed, carted and ordered, with conversion, revenue and cost.
///
/// An event is credited to one turn: the one that it names, else one of the same session or known user that showed its
/// product. An order that names no product is of those that its session or user viewed or carted since the turn. An order
/// counts once, with the first event that tells of it.
#[utoipa::path(get, path = "/v1/analytics/funnel", tag = "analytics", security(("key" = ["read"])),
    params(FunnelParameters), responses((status = 200, body = FunnelAnswer)))]
pub async fn get_funnel(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(asked): Query<FunnelParameters>,
) -> Result<Json<FunnelAnswer>, ApiError> {
    let (question, tz) = asked.question(&app)?;
    let range = question.range;
    let numbers = app.store().await?.funnel_numbers(question).await?;
    let groups = |by: GroupBy, groups: Vec<(String, FunnelRollup)>| {
        let wanted = asked.group_by.is_none_or(|wanted| wanted == by);
        wanted.then(|| groups.into_iter().map(|group| asked.group(group)).collect())
    };
    Ok(Json(FunnelAnswer {
        from: range.from,
        to: range.to,
        tz,
        window: asked.window,
        touch: asked.touch,
        figures: asked.figures(&numbers.total),
        by_model: groups(GroupBy::Model, numbers.by_model),
        by_prompt_version: groups(GroupBy::PromptVersion, numbers.by_prompt_version),
    }))
}

impl FunnelParameters {
    fn figures(&self, rollup: &FunnelRollup) -> FunnelFigures {
        FunnelFigures::of(rollup, self.touch, self.window)
    }

    fn group(&self, (name, rollup): (String, FunnelRollup)) -> FunnelGroup {
        FunnelGroup {
            key: known(name),
            figures: self.figures(&rollup),
        }
    }
}
