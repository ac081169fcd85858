//! The description of the API, for programs and for people.

use crate::error::ApiError;
use axum::extract::OriginalUri;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::Config;

static OPENAPI: LazyLock<String> = LazyLock::new(|| crate::openapi::document().to_json().unwrap_or_default());
static SWAGGER_UI: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    Arc::new(
        Config::from("../openapi.json")
            .try_it_out_enabled(true)
            .persist_authorization(false),
    )
});

/// The OpenAPI 3.1 document of this API.
#[utoipa::path(get, path = "/openapi.json", tag = "docs", responses((status = 200, description = "The document")))]
pub async fn get_openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI.as_str()).into_response()
}

/// A page for people that shows the document and tries its operations. Everything it loads comes from here.
#[utoipa::path(get, path = "/docs", tag = "docs", responses((status = 200, description = "The page")))]
pub async fn get_api_docs(OriginalUri(uri): OriginalUri) -> Result<Response, ApiError> {
    let Some((_, asset)) = uri.path().split_once("/docs/") else {
        // The page names its files relative to itself.
        return Ok(Redirect::permanent(&format!("{}/", uri.path())).into_response());
    };
    let file = utoipa_swagger_ui::serve(asset, Arc::clone(&SWAGGER_UI));
    let file = file.map_err(|error| ApiError::Internal(error.to_string()))?;
    let file = file.ok_or_else(|| ApiError::NotFound("such file".to_owned()))?;
    Ok(([(header::CONTENT_TYPE, file.content_type)], file.bytes).into_response())
}
