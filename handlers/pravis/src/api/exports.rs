//! Whole lists as a stream: page after page, as fast as the caller reads.

mod format;
mod stream;

pub use format::Format;

use super::feedback::check_ratings;
use super::interactions::list_name;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Authorized, Query, Read, page};
use axum::extract::State;
use axum::response::Response;
use domain::feedback::{Category, FeedbackFilter, ReviewState, Source, Thumb};
use domain::interactions::{InteractionFilter, InteractionType, Status};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// The filters of an export of turns.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InteractionExport {
    /// How the rows are written; default `csv`.
    #[param(inline)]
    format: Format,
    /// The `cursor` of the last row that was received: the rows after it are given.
    cursor: Option<String>,
    /// What the assistant did.
    #[serde(rename = "type")]
    #[param(inline)]
    kind: Option<InteractionType>,
    /// How the turn stands.
    #[param(inline)]
    status: Option<Status>,
    /// The model's name.
    model: Option<String>,
    /// Who runs the model.
    provider: Option<String>,
    /// The shopper.
    user_id: Option<String>,
    /// The conversation.
    session_id: Option<String>,
    /// Where the shopper was.
    channel: Option<String>,
    /// Language tag.
    locale: Option<String>,
    /// Least rating, 1 to 5.
    rating_min: Option<u8>,
    /// Greatest rating, 1 to 5.
    rating_max: Option<u8>,
    /// Earliest `started_at`, included.
    from: Option<Timestamp>,
    /// Latest `started_at`, excluded.
    to: Option<Timestamp>,
}

/// Turns, newest first, as CSV or JSON Lines. Each row ends with its `cursor`: after a broken connection the export goes on from
/// the last row that was received. In CSV (RFC 4180, UTF-8, a header line) objects and lists are JSON, and texts that a
/// spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab or carriage return first) stand behind an apostrophe.
#[utoipa::path(get, path = "/v1/exports/interactions", tag = "exports", security(("key" = ["read"])),
    params(InteractionExport), responses((status = 200, content(
        (String = "text/csv"), (String = "application/jsonl")))))]
pub async fn export_interactions(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<InteractionExport>,
) -> Result<Response, ApiError> {
    check_ratings(query.rating_min, query.rating_max)?;
    let filter = InteractionFilter {
        kind: query.kind,
        status: query.status,
        model: query.model,
        provider: query.provider,
        user_id: query.user_id,
        session_id: query.session_id,
        channel: query.channel,
        locale: query.locale,
        rating_min: query.rating_min,
        rating_max: query.rating_max,
        from: query.from,
        to: query.to,
    };
    let name = list_name("interactions", &filter);
    let first = page(None, query.cursor.as_deref(), &name)?;
    let store = app.store().await?;
    let list = move |page| {
        let (store, filter) = (store.clone(), filter.clone());
        async move { store.list_interactions(filter, page).await }
    };
    stream::export("interactions", app.now(), query.format, name, first.after, list).await
}

/// The filters of an export of feedback.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedbackExport {
    /// How the rows are written; default `csv`.
    #[param(inline)]
    format: Format,
    /// The `cursor` of the last row that was received: the rows after it are given.
    cursor: Option<String>,
    /// Feedback on this turn.
    interaction_id: Option<Uuid>,
    /// Feedback of this shopper.
    user_id: Option<String>,
    /// What it is about.
    #[param(inline)]
    category: Option<Category>,
    /// Whose opinion.
    #[param(inline)]
    source: Option<Source>,
    /// A quick opinion.
    #[param(inline)]
    thumb: Option<Thumb>,
    /// How far the shop has dealt with it.
    #[param(inline)]
    review_state: Option<ReviewState>,
    /// Least rating, 1 to 5.
    rating_min: Option<u8>,
    /// Greatest rating, 1 to 5.
    rating_max: Option<u8>,
    /// Earliest `created_at`, included.
    from: Option<Timestamp>,
    /// Latest `created_at`, excluded.
    to: Option<Timestamp>,
}

/// Feedback, newest first, as CSV or JSON Lines, as `export_interactions` gives turns.
#[utoipa::path(get, path = "/v1/exports/feedback", tag = "exports", security(("key" = ["read"])),
    params(FeedbackExport), responses((status = 200, content(
        (String = "text/csv"), (String = "application/jsonl")))))]
pub async fn export_feedback(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<FeedbackExport>,
) -> Result<Response, ApiError> {
    check_ratings(query.rating_min, query.rating_max)?;
    let filter = FeedbackFilter {
        interaction_id: query.interaction_id,
        user_id: query.user_id,
        category: query.category,
        source: query.source,
        thumb: query.thumb,
        review_state: query.review_state,
        rating_min: query.rating_min,
        rating_max: query.rating_max,
        from: query.from,
        to: query.to,
    };
    let name = list_name("feedback", &filter);
    let first = page(None, query.cursor.as_deref(), &name)?;
    let store = app.store().await?;
    let list = move |page| {
        let (store, filter) = (store.clone(), filter.clone());
        async move { store.list_feedback(filter, page).await }
    };
    stream::export("feedback", app.now(), query.format, name, first.after, list).await
}
