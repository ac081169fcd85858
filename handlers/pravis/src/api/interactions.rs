//! Interactions over HTTP.

use super::batch;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{
    Authorized, Body, IdPath, IfMatch, Ingest, MergePatch, NamePath, Query, Read, WithETag, page,
};
use crate::ingest::{self, BatchItem, ItemOutcome, Written};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::fault::Fault;
use domain::interactions::{Interaction, InteractionFilter, InteractionType, NewInteraction, Status};
use domain::page::Page;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Most turns of a batch.
const BATCH: usize = 1000;

/// Stores one turn. Sending it again is harmless: the same id with the same fields answers 200 with the stored turn.
#[utoipa::path(post, path = "/v1/interactions", tag = "interactions", security(("key" = ["ingest"])),
    request_body = NewInteraction, responses(
        (status = 201, description = "Stored now", body = Interaction),
        (status = 200, description = "Was stored before", body = Interaction),
        (status = 202, description = "Is durable, and will be readable when the database is back", body = Spilled)))]
pub async fn create_interaction(
    State(app): State<App>,
    caller: Authorized<Ingest>,
    body: Body<{ 4 * 1024 * 1024 }>,
) -> Result<Response, ApiError> {
    let written = ingest::create(&app, &body.text, caller.budget()).await?;
    Ok(written_answer(written, "interactions", |turn| {
        (turn.id, turn.version)
    }))
}

/// A write that is durable, and that will be readable when the database is back.
#[derive(Debug, Serialize, ToSchema)]
pub struct Spilled {
    /// The id of what was written.
    pub id: Uuid,
    /// `spilled`.
    pub outcome: ItemOutcome,
}

/// The answer to a single write of a record in the list `list`.
pub(super) fn written_answer<T: Serialize>(
    written: Written<T>,
    list: &str,
    id_and_version: impl Fn(&T) -> (Uuid, i64),
) -> Response {
    let location = |id: Uuid| [(header::LOCATION, format!("/api/v1/{list}/{id}"))];
    match written {
        Written::New(record) => {
            let (id, version) = id_and_version(&record);
            (StatusCode::CREATED, location(id), WithETag { record, version }).into_response()
        }
        Written::Known(record) => {
            let (_, version) = id_and_version(&record);
            WithETag { record, version }.into_response()
        }
        Written::Spilled(id) => {
            let outcome = ItemOutcome::Spilled;
            (StatusCode::ACCEPTED, location(id), Json(Spilled { id, outcome })).into_response()
        }
    }
}

/// Many turns in one body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch<'b> {
    #[serde(borrow)]
    items: Vec<&'b RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    #[serde(rename = "items")]
    _items: Vec<serde_json::Value>,
}

/// Many turns in one body.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the body; it is read item by item")]
pub struct NewInteractions {
    /// 1 to 1,000 turns.
    items: Vec<NewInteraction>,
}

/// What became of each turn of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchAnswer {
    /// One answer an item, in their order.
    pub items: Vec<BatchItem>,
}

/// Stores up to 1,000 turns of together at most 8 MiB. Each has its own answer; a wrong one does not spoil the others.
#[utoipa::path(post, path = "/v1/interactions/batch", tag = "interactions", security(("key" = ["ingest"])),
    request_body = NewInteractions, responses(
        (status = 201, description = "All were stored now", body = BatchAnswer),
        (status = 200, description = "All are stored, some were before", body = BatchAnswer),
        (status = 202, description = "The right ones are durable, and will be readable when the database is back",
            body = BatchAnswer),
        (status = 207, description = "Some are not stored", body = BatchAnswer)))]
pub async fn create_interactions(
    State(app): State<App>,
    caller: Authorized<Ingest>,
    body: Body<{ 8 * 1024 * 1024 }>,
) -> Result<(StatusCode, Json<BatchAnswer>), ApiError> {
    let batch: Batch<'_> = batch::read::<_, Shape>(&body.text)?;
    batch::check_length(batch.items.len(), BATCH)?;
    let items = ingest::create_batch(&app, &batch.items, caller.budget()).await?;
    Ok((batch::status(&items), Json(BatchAnswer { items })))
}

/// One turn.
#[utoipa::path(get, path = "/v1/interactions/{id}", tag = "interactions", security(("key" = ["read"])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Interaction)))]
pub async fn get_interaction(
    State(app): State<App>,
    _caller: Authorized<Read>,
    IdPath(id): IdPath,
) -> Result<WithETag<Interaction>, ApiError> {
    let record = app.store().await?.get_interaction(id).await?;
    let record = record.ok_or_else(|| ApiError::NotFound(format!("interaction with the id {id}")))?;
    Ok(WithETag {
        version: record.version,
        record,
    })
}

/// Changes one turn by a merge patch (RFC 7396), for instance completes it. `If-Match` is honoured.
#[utoipa::path(patch, path = "/v1/interactions/{id}", tag = "interactions", security(("key" = ["ingest"])),
    params(("id" = uuid::Uuid, Path)),
    request_body(content = NewInteraction, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, body = Interaction),
        (status = 202, description = "Is durable, and will be made when the database is back", body = Spilled)))]
pub async fn update_interaction(
    State(app): State<App>,
    caller: Authorized<Ingest>,
    IdPath(id): IdPath,
    if_match: IfMatch,
    MergePatch(patch): MergePatch,
) -> Result<Response, ApiError> {
    let written = ingest::update(&app, id, patch, if_match, caller.budget()).await?;
    Ok(written_answer(written, "interactions", |turn| {
        (turn.id, turn.version)
    }))
}

/// The filters and the page of a list of turns.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InteractionQuery {
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
    /// Entries of the page, 1 to 200; default 50.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl InteractionQuery {
    fn filter(&self) -> Result<InteractionFilter, ApiError> {
        super::feedback::check_ratings(self.rating_min, self.rating_max)?;
        Ok(InteractionFilter {
            kind: self.kind,
            status: self.status,
            model: self.model.clone(),
            provider: self.provider.clone(),
            user_id: self.user_id.clone(),
            session_id: self.session_id.clone(),
            channel: self.channel.clone(),
            locale: self.locale.clone(),
            rating_min: self.rating_min,
            rating_max: self.rating_max,
            from: self.from,
            to: self.to,
        })
    }
}

async fn list(
    app: &App,
    filter: InteractionFilter,
    query: &InteractionQuery,
) -> Result<Json<Page<Interaction>>, ApiError> {
    let name = list_name("interactions", &filter);
    let page = page(query.limit, query.cursor.as_deref(), &name)?;
    let limit = page.limit;
    let items = app.store().await?.list_interactions(filter, page).await?;
    Ok(Json(Page::of(items, limit, &name)))
}

/// A list and its filters as a text: a cursor works only in the list that gave it.
pub(super) fn list_name(list: &str, filter: &impl Serialize) -> String {
    format!("{list} {}", serde_json::to_string(filter).unwrap_or_default())
}

/// Turns, newest first.
#[utoipa::path(get, path = "/v1/interactions", tag = "interactions", security(("key" = ["read"])),
    params(InteractionQuery), responses((status = 200, body = Page<Interaction>)))]
pub async fn list_interactions(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<InteractionQuery>,
) -> Result<Json<Page<Interaction>>, ApiError> {
    list(&app, query.filter()?, &query).await
}

/// Turns of one shopper, newest first.
#[utoipa::path(get, path = "/v1/users/{user_id}/interactions", tag = "interactions", security(("key" = ["read"])),
    params(("user_id" = String, Path), InteractionQuery), responses((status = 200, body = Page<Interaction>)))]
pub async fn list_user_interactions(
    State(app): State<App>,
    _caller: Authorized<Read>,
    NamePath(user_id): NamePath,
    Query(query): Query<InteractionQuery>,
) -> Result<Json<Page<Interaction>>, ApiError> {
    if query.user_id.is_some() {
        return Err(Fault::query("user_id", "is in the path already").into());
    }
    list(
        &app,
        InteractionFilter {
            user_id: Some(user_id),
            ..query.filter()?
        },
        &query,
    )
    .await
}

/// The page of a session's turns.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SessionPage {
    /// Entries of the page, 1 to 200; default 50.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Turns of one session, oldest first.
#[utoipa::path(get, path = "/v1/sessions/{session_id}/interactions", tag = "sessions", security(("key" = ["read"])),
    params(("session_id" = String, Path), SessionPage), responses((status = 200, body = Page<Interaction>)))]
pub async fn list_session_interactions(
    State(app): State<App>,
    _caller: Authorized<Read>,
    NamePath(session_id): NamePath,
    Query(query): Query<SessionPage>,
) -> Result<Json<Page<Interaction>>, ApiError> {
    let name = list_name("session", &session_id);
    let page = page(query.limit, query.cursor.as_deref(), &name)?;
    let limit = page.limit;
    let items = app
        .store()
        .await?
        .list_session_interactions(session_id, page)
        .await?;
    Ok(Json(Page::of(items, limit, &name)))
}
