//! What fails.

use super::StatsQuery;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Authorized, Query, Read};
use axum::Json;
use axum::extract::State;
use domain::analytics::errors::{ErrorFigures, Errors};
use domain::analytics::series::Buckets;
use domain::analytics::{InteractionRollup, Rollup};
use domain::time::from_micros;
use store::{NumbersQuery, SeriesQuery};

/// Most kinds of errors that are shown.
const MOST: usize = 100;

/// Failed turns by type of error and model: how many, since when, and whether they grow.
#[utoipa::path(get, path = "/v1/analytics/errors", tag = "analytics", security(("key" = ["read"])),
    params(StatsQuery), responses((status = 200, body = Errors)))]
pub async fn get_errors(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<StatsQuery>,
) -> Result<Json<Errors>, ApiError> {
    let (about, tz) = query.question(&app)?;
    Ok(Json(errors(&app, about, tz).await?))
}

/// What failed of the turns that `about` names; also what reports show.
pub async fn errors(app: &App, about: NumbersQuery, tz: String) -> Result<Errors, ApiError> {
    let range = about.range;
    let days = Buckets::days(range, &about.zone);
    let store = app.store().await?;
    let counts = SeriesQuery {
        parts: &[],
        ..about.by(about.whole(), None)
    };
    let counted = store.interaction_series(vec![counts]).await?.into_iter();
    let mut all = InteractionRollup::default();
    let rollups = counted.flat_map(|groups| groups.into_values());
    rollups.for_each(|points| points.values().for_each(|rollup| all.add(rollup)));
    // The first bucket is as long as the range, and ends where that begins.
    let before = from_micros(2 * range.from.as_microsecond() - range.to.as_microsecond());
    let edges = [before].into_iter().chain(days.edges.iter().copied()).collect();
    let found = store.failures(about.by(edges, None)).await?;
    let dates: Vec<_> = days
        .starts
        .iter()
        .map(|start| start.to_zoned(about.zone.clone()).date())
        .collect();
    let mut errors: Vec<_> = found
        .iter()
        .map(|failures| ErrorFigures::of(failures, &dates, all.total))
        .collect();
    errors.sort_by(|a, b| {
        b.count
            .cmp(&a.count)
            .then_with(|| (&a.error_type, &a.model).cmp(&(&b.error_type, &b.model)))
    });
    errors.truncate(MOST);
    Ok(Errors {
        from: range.from,
        to: range.to,
        tz,
        total: all.total,
        failed: all.failed,
        errors,
    })
}
