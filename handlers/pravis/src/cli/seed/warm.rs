//! Asking for every kind of number once, so that the first visitor does not wait for the rollups.

use crate::app::App;
use crate::cli::CommandError;
use domain::analytics::{RangeRequest, StatsFilter, resolve_range, zone};
use std::sync::Arc;
use store::{NumbersQuery, Store};

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
    let interactions = store.interaction_numbers(query.clone()).await;
    interactions.map_err(CommandError::failed)?;
    let feedback = store.feedback_numbers(query).await;
    feedback.map_err(CommandError::failed)?;
    Ok(())
}
