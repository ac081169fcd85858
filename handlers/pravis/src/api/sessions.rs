//! Sessions over HTTP.

use super::interactions::list_name;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Authorized, NamePath, Query, Read, page};
use axum::Json;
use axum::extract::State;
use domain::page::Page;
use domain::sessions::{Session, SessionFilter};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

/// The filters and the page of a list of sessions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SessionQuery {
    /// Sessions in which this shopper has a turn.
    user_id: Option<String>,
    /// Earliest start of the first turn, included.
    from: Option<Timestamp>,
    /// Latest start of the first turn, excluded.
    to: Option<Timestamp>,
    /// Entries of the page, 1 to 200; default 50.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Sessions by the start of their first turn, newest first.
#[utoipa::path(get, path = "/v1/sessions", tag = "sessions", security(("key" = ["read"])),
    params(SessionQuery), responses((status = 200, body = Page<Session>)))]
pub async fn list_sessions(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<SessionQuery>,
) -> Result<Json<Page<Session>>, ApiError> {
    let filter = SessionFilter {
        user_id: query.user_id,
        from: query.from,
        to: query.to,
    };
    let name = list_name("sessions", &filter);
    let page = page(query.limit, query.cursor.as_deref(), &name)?;
    let limit = page.limit;
    let items = app.store().await?.list_sessions(filter, page).await?;
    Ok(Json(Page::of(items, limit, &name)))
}

/// One session: counts, first and last turn, duration, cost, rating.
#[utoipa::path(get, path = "/v1/sessions/{session_id}", tag = "sessions", security(("key" = ["read"])),
    params(("session_id" = String, Path)), responses((status = 200, body = Session)))]
pub async fn get_session(
    State(app): State<App>,
    _caller: Authorized<Read>,
    NamePath(session_id): NamePath,
) -> Result<Json<Session>, ApiError> {
    let session = app.store().await?.get_session(session_id).await?;
    session
        .map(Json)
        .ok_or_else(|| ApiError::NotFound("session with this id".to_owned()))
}
