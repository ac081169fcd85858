//! Ids and names in paths; what cannot be one is refused with its reason.

use crate::app::App;
use crate::error::ApiError;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use uuid::Uuid;

/// The `{id}` of a path, a UUID.
pub struct IdPath(pub Uuid);

impl FromRequestParts<App> for IdPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let NamePath(text) = NamePath::from_request_parts(parts, app).await?;
        read_id(&text).map(Self)
    }
}

fn read_id(text: &str) -> Result<Uuid, ApiError> {
    text.parse()
        .map_err(|_| ApiError::NotFound(format!("record with the id `{text}`, which is no UUID")))
}

/// The `{id}` of a path, a UUID, and the name after it.
pub struct IdNamePath(pub Uuid, pub String);

impl FromRequestParts<App> for IdNamePath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let PairPath(id, name) = PairPath::from_request_parts(parts, app).await?;
        Ok(Self(read_id(&id)?, name))
    }
}

/// The two parameters of a path, decoded.
pub struct PairPath(pub String, pub String);

impl FromRequestParts<App> for PairPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((first, second)) =
            path.map_err(|_| ApiError::NotFound("such path: it is not valid UTF-8".to_owned()))?;
        Ok(Self(first, second))
    }
}

/// The only parameter of a path, decoded.
pub struct NamePath(pub String);

impl FromRequestParts<App> for NamePath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        match Path::<String>::from_request_parts(parts, app).await {
            Ok(Path(name)) if name.is_empty() => {
                Err(ApiError::NotFound("such path: a part of it is empty".to_owned()))
            }
            Ok(Path(name)) => Ok(Self(name)),
            Err(_) => Err(ApiError::NotFound("such path: it is not valid UTF-8".to_owned())),
        }
    }
}
