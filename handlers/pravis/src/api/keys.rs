//! API keys over HTTP.

use crate::app::App;
use crate::auth::mirror;
use crate::error::ApiError;
use crate::extract::{Admin, Authorized, Body, IdPath};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::keys::{ApiKey, NewApiKey, Secret};
use domain::parse;
use serde::Serialize;
use store::Store;
use utoipa::ToSchema;
use uuid::Uuid;

/// A new key, with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedApiKey {
    /// The key in the clear. It is shown only here, and stored nowhere.
    pub key: String,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub record: ApiKey,
}

/// Every key.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKeyList {
    /// Live or not, newest first.
    pub items: Vec<ApiKey>,
}

/// Makes a key and stores its hash. Shared by the operation and the command line.
pub async fn make_key(app: &App, store: &dyn Store, new: NewApiKey) -> Result<CreatedApiKey, ApiError> {
    new.validate(app.now())?;
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| ApiError::Internal(error.to_string()))?;
    let secret = Secret::from_random(random);
    let record = new.into_key(app.new_id(), &secret, app.now());
    store.create_api_key(record.clone()).await?;
    app.keys().forget().await;
    if let Err(error) = mirror::publish(app, store).await {
        // It works all the same, only not while the store is away.
        tracing::warn!(%error, key = %record.id, "a new key is not in the mirror yet");
    }
    Ok(CreatedApiKey {
        key: secret.expose().to_owned(),
        record,
    })
}

/// Revokes a key, everywhere: it fails while some process might still take the key for good. Doing it again is harmless.
/// Shared by the operation and the command line.
pub async fn revoke_key(app: &App, store: &dyn Store, id: Uuid) -> Result<Option<ApiKey>, ApiError> {
    let revoked = store.revoke_api_key(id, app.now()).await?;
    app.keys().forget().await;
    mirror::publish(app, store).await.map_err(|error| {
        tracing::error!(%error, key = %id, "a revoked key is still in the mirror");
        ApiError::StoreUnavailable("the key is revoked, but not everywhere yet: try again".to_owned())
    })?;
    Ok(revoked)
}

/// Makes a key. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/keys", tag = "keys", security(("key" = ["admin"])),
    request_body = NewApiKey, responses((status = 201, body = CreatedApiKey)))]
pub async fn create_api_key(
    State(app): State<App>,
    _caller: Authorized<Admin>,
    body: Body<{ 64 * 1024 }>,
) -> Result<(StatusCode, Json<CreatedApiKey>), ApiError> {
    let store = app.store().await?;
    let created = make_key(&app, &*store, parse::from_slice(&body.text)?).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// All keys, without their secrets.
#[utoipa::path(get, path = "/v1/keys", tag = "keys", security(("key" = ["admin"])),
    responses((status = 200, body = ApiKeyList)))]
pub async fn list_api_keys(
    State(app): State<App>,
    _caller: Authorized<Admin>,
) -> Result<Json<ApiKeyList>, ApiError> {
    let items = app.store().await?.list_api_keys().await?;
    Ok(Json(ApiKeyList { items }))
}

/// Revokes a key. It stops working here at once, elsewhere within 30 seconds.
#[utoipa::path(delete, path = "/v1/keys/{id}", tag = "keys", security(("key" = ["admin"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = ApiKey)))]
pub async fn revoke_api_key(
    State(app): State<App>,
    _caller: Authorized<Admin>,
    IdPath(id): IdPath,
) -> Result<Json<ApiKey>, ApiError> {
    let store = app.store().await?;
    revoke_key(&app, &*store, id)
        .await?
        .map(Json)
        .ok_or_else(|| ApiError::NotFound(format!("key with the id {id}")))
}
