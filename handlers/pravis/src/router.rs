//! The route table: one line an operation. Paths and methods stand at the handlers.

use crate::api::{
    analytics, docs, events, exports, feedback, funnel, health, interactions, keys, media, prices, reports,
    sessions,
};
use crate::app::App;
use crate::error::ApiError;
use crate::middleware::{caught, observe, preflight, preflight_put};
use crate::triggers;
use axum::Router;
use axum::extract::OriginalUri;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, options};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Every operation, without the route prefix.
pub(crate) fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(crate::openapi::description())
        .routes(routes!(health::get_liveness))
        .routes(routes!(health::get_readiness))
        .routes(routes!(docs::get_openapi))
        .routes(routes!(docs::get_api_docs))
        .routes(routes!(
            interactions::create_interaction,
            interactions::list_interactions
        ))
        .routes(routes!(interactions::create_interactions))
        .routes(routes!(
            interactions::get_interaction,
            interactions::update_interaction
        ))
        .routes(routes!(interactions::list_user_interactions))
        .routes(routes!(interactions::list_session_interactions))
        .routes(routes!(sessions::list_sessions))
        .routes(routes!(sessions::get_session))
        .routes(routes!(feedback::create_feedback, feedback::list_feedback))
        .routes(routes!(feedback::get_feedback, feedback::update_feedback))
        .routes(routes!(events::create_events))
        .routes(routes!(analytics::get_interaction_stats))
        .routes(routes!(analytics::get_feedback_summary))
        .routes(routes!(funnel::get_funnel))
        .routes(routes!(analytics::timeseries::get_timeseries))
        .routes(routes!(prices::list_prices, prices::set_price))
        .routes(routes!(analytics::usage::get_usage))
        .routes(routes!(media::uploads::create_upload))
        .routes(routes!(media::uploads::put_upload_content))
        .routes(routes!(media::uploads::put_granted_content))
        .routes(routes!(media::list_media))
        .routes(routes!(media::get_media, media::delete_media))
        .routes(routes!(media::content::get_media_content))
        .routes(routes!(reports::create_report, reports::list_reports))
        .routes(routes!(reports::get_report))
        .routes(routes!(reports::get_report_document))
        .routes(routes!(analytics::costs::get_costs))
        .routes(routes!(analytics::errors::get_errors))
        .routes(routes!(analytics::queries::get_top_queries))
        .routes(routes!(exports::export_interactions))
        .routes(routes!(exports::export_feedback))
        .routes(routes!(keys::create_api_key, keys::list_api_keys))
        .routes(routes!(keys::revoke_api_key))
}

/// The handler's side of the Functions protocol: operations below the route prefix, triggers by name, and `GET /`, by
/// which the host learns that the program is up.
pub fn handler(app: &App, prefix: &str) -> Router {
    let (operations, _) = operations().split_for_parts();
    let operations = operations
        .route("/docs/", get(docs::get_api_docs))
        .route("/docs/{*asset}", get(docs::get_api_docs))
        .merge(Router::new().route("/v1/feedback", options(preflight)))
        .merge(Router::new().route("/v1/events", options(preflight)))
        .merge(Router::new().route("/v1/media/uploads/{id}/content", options(preflight_put)))
        .merge(Router::new().route("/v1/blobs/{container}/{name}", options(preflight_put)))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(any(not_found))
        .with_state(app.clone());
    let observed = |router: Router| {
        router
            .layer(CatchPanicLayer::custom(caught))
            .layer(axum::middleware::from_fn_with_state(app.clone(), observe))
    };
    let operations = observed(operations);
    let triggers = triggers::all().into_router(app.clone());
    let prefix = prefix.trim_matches('/');
    if prefix.is_empty() {
        triggers.route("/", get(up)).fallback_service(operations)
    } else {
        triggers
            .route("/", get(up))
            .nest(&format!("/{prefix}"), operations)
            .fallback_service(observed(Router::new().fallback(any(not_found))))
    }
}

async fn up() -> StatusCode {
    StatusCode::OK
}

/// What is answered where nothing is.
async fn not_found(OriginalUri(uri): OriginalUri) -> Response {
    ApiError::NotFound(format!("operation at {}", uri.path())).into_response()
}

async fn method_not_allowed(method: Method) -> Response {
    ApiError::MethodNotAllowed(method.to_string()).into_response()
}
