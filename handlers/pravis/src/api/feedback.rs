//! Feedback over HTTP.

use super::interactions::{Spilled, list_name, written_answer};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{
    self, Authorized, Body, IdPath, IfMatch, MergePatch, Query, Read, Review, WithETag, page,
};
use crate::ingest;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::fault::Fault;
use domain::feedback::{
    Category, Feedback, FeedbackFilter, FeedbackPatch, NewFeedback, READ_ONLY, ReviewState, SentimentLabel,
    Source, Thumb, reviewed,
};
use domain::page::Page;
use domain::parse;
use jiff::Timestamp;
use serde::Deserialize;
use store::UpdateOutcome;
use utoipa::IntoParams;
use uuid::Uuid;

/// Attempts at a change that others keep overtaking.
const ATTEMPTS: usize = 32;

/// Stores feedback on a turn. Sending it again is harmless: the same id with the same fields answers 200.
#[utoipa::path(post, path = "/v1/feedback", tag = "feedback", security(("key" = ["feedback"])),
    request_body = NewFeedback, responses(
        (status = 201, description = "Stored now", body = Feedback),
        (status = 200, description = "Was stored before", body = Feedback),
        (status = 202, description = "Is durable, and will be readable when the database is back", body = Spilled)))]
pub async fn create_feedback(
    State(app): State<App>,
    caller: Authorized<extract::Feedback>,
    body: Body<{ 128 * 1024 }>,
) -> Result<Response, ApiError> {
    let new: NewFeedback = parse::from_slice(&body.text).map_err(|error| error.with_read_only(READ_ONLY))?;
    new.validate()?;
    let id = new.id.unwrap_or_else(|| app.new_id());
    let record = new.into_feedback(id, app.now());
    let written = ingest::create_feedback(&app, record, caller.budget()).await?;
    Ok(written_answer(written, "feedback", |record| {
        (record.id, record.version)
    }))
}

/// One feedback.
#[utoipa::path(get, path = "/v1/feedback/{id}", tag = "feedback", security(("key" = ["read"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = Feedback)))]
pub async fn get_feedback(
    State(app): State<App>,
    _caller: Authorized<Read>,
    IdPath(id): IdPath,
) -> Result<WithETag<Feedback>, ApiError> {
    let record = app
        .store()
        .await?
        .get_feedback(id)
        .await?
        .ok_or_else(|| missing(id))?;
    Ok(WithETag {
        version: record.version,
        record,
    })
}

/// Triages one feedback by a merge patch (RFC 7396): category, tags, review. `If-Match` is honoured.
#[utoipa::path(patch, path = "/v1/feedback/{id}", tag = "feedback", security(("key" = ["review"])),
    params(("id" = Uuid, Path)),
    request_body(content = FeedbackPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Feedback)))]
pub async fn update_feedback(
    State(app): State<App>,
    _caller: Authorized<Review>,
    IdPath(id): IdPath,
    if_match: IfMatch,
    MergePatch(patch): MergePatch,
) -> Result<WithETag<Feedback>, ApiError> {
    let store = app.store().await?;
    for _ in 0..ATTEMPTS {
        let current = store.get_feedback(id).await?.ok_or_else(|| missing(id))?;
        if_match.check(current.version)?;
        let record = reviewed(&current, &patch, app.now())?;
        if record == current
            || store.update_feedback(record.clone(), current.version).await? == UpdateOutcome::Updated
        {
            return Ok(WithETag {
                version: record.version,
                record,
            });
        }
    }
    Err(ApiError::StoreUnavailable(
        "the record changes too fast".to_owned(),
    ))
}

/// The filters and the page of a list of feedback.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedbackQuery {
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
    /// The tone of its comment.
    #[param(inline)]
    sentiment: Option<SentimentLabel>,
    /// Least rating, 1 to 5.
    rating_min: Option<u8>,
    /// Greatest rating, 1 to 5.
    rating_max: Option<u8>,
    /// Earliest `created_at`, included.
    from: Option<Timestamp>,
    /// Latest `created_at`, excluded.
    to: Option<Timestamp>,
    /// Entries of the page, 1 to 200; default 50.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Feedback, newest first.
#[utoipa::path(get, path = "/v1/feedback", tag = "feedback", security(("key" = ["read"])),
    params(FeedbackQuery), responses((status = 200, body = Page<Feedback>)))]
pub async fn list_feedback(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<FeedbackQuery>,
) -> Result<Json<Page<Feedback>>, ApiError> {
    check_ratings(query.rating_min, query.rating_max)?;
    let filter = FeedbackFilter {
        interaction_id: query.interaction_id,
        user_id: query.user_id,
        category: query.category,
        source: query.source,
        thumb: query.thumb,
        review_state: query.review_state,
        sentiment: query.sentiment,
        rating_min: query.rating_min,
        rating_max: query.rating_max,
        from: query.from,
        to: query.to,
    };
    let name = list_name("feedback", &filter);
    let page = page(query.limit, query.cursor.as_deref(), &name)?;
    let limit = page.limit;
    let items = app.store().await?.list_feedback(filter, page).await?;
    Ok(Json(Page::of(items, limit, &name)))
}

/// Refuses bounds outside 1 to 5.
pub(super) fn check_ratings(least: Option<u8>, greatest: Option<u8>) -> Result<(), ApiError> {
    for (name, rating) in [("rating_min", least), ("rating_max", greatest)] {
        if rating.is_some_and(|rating| !(1..=5).contains(&rating)) {
            return Err(Fault::query(name, "takes 1 to 5").into());
        }
    }
    Ok(())
}

fn missing(id: Uuid) -> ApiError {
    ApiError::NotFound(format!("feedback with the id {id}"))
}
