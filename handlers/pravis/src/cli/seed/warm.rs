//! Asking for every kind of number once, so that the first visitor does not wait for the rollups.

use crate::app::App;
use crate::cli::CommandError;
use domain::analytics::{RangeRequest, StatsFilter, resolve_range, zone};
use domain::interactions::InteractionType;
use domain::usage::SessionRange;
use futures::TryFutureExt as _;
use std::sync::Arc;
use store::{NumbersQuery, QueriesQuery, Store};

/// Brings all rollups of the last `days` days up to date.
pub(super) async fn warm(app: &App, store: &Arc<dyn Store>, days: u16) -> Result<(), CommandError> {
    let zone = zone(&app.config().time_zone).map_err(CommandError::failed)?;
    let request = RangeRequest {
        days: Some(i64::from(days)),
        ..RangeRequest::default()
    };
    let query = NumbersQuery {
        range: resolve_range(request, &zone, app.now()).map_err(CommandError::failed)?,
        zone,
        filter: StatsFilter::default(),
    };
    let orders = query.by(query.whole(), None);
    let sessions = SessionRange::of(query.range, &query.zone);
    let searches = QueriesQuery {
        range: query.range,
        kind: InteractionType::Search,
        channel: None,
        limit: 1,
    };
    let (interactions, feedback, funnels) = (query.clone(), query.clone(), query);
    tokio::try_join!(
        store.interaction_numbers(interactions).map_ok(drop),
        store.feedback_numbers(feedback).map_ok(drop),
        store.funnel_numbers(funnels).map_ok(drop),
        store.order_series(orders).map_ok(drop),
        store.count_sessions(sessions).map_ok(drop),
        store.top_queries(searches).map_ok(drop),
    )
    .map_err(CommandError::failed)?;
    Ok(())
}
