//! Front Door's copies: what is removed must not be shown from a cache.
//!
//! Wire format: "AFD Endpoints - Purge Content" in the REST reference of Azure Front Door.

use crate::app::App;
use crate::error::ApiError;
use axum::http::StatusCode;
use domain::media::Media;
use reqwest::redirect::Policy;
use serde_json::json;
use std::sync::OnceLock;
use std::time::Duration;
use tracing::{Instrument as _, Span, field};

/// What the token is for.
const SCOPE: &str = "https://management.azure.com/.default";
const VERSION: &str = "2024-02-01";
/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the call may take. The purge itself goes on after it.
const CALL: Duration = Duration::from_secs(20);

/// Asks the CDN to forget.
#[derive(Default)]
pub(crate) struct Purger {
    /// Made with the first call: reading the certificates of the system takes its time.
    http: OnceLock<reqwest::Client>,
}

impl Purger {
    /// Has the CDN forget every file of an upload; false where it has none. One that does not answer is an error: the record stays
    /// until it is asked again.
    pub(crate) async fn forget(&self, app: &App, media: &Media) -> Result<bool, ApiError> {
        let Some(endpoint) = &app.config().delivery.cdn_endpoint else {
            return Ok(false);
        };
        if !media.kind.is_public() {
            return Ok(false);
        }
        let span = tracing::info_span!(
            "purge_cdn",
            otel.kind = "client",
            otel.name = "purge_cdn",
            otel.status_code = field::Empty,
            http.response.status_code = field::Empty,
        );
        let address = format!("{endpoint}/purge?api-version={VERSION}");
        let paths = json!({"contentPaths": [format!("/{}/{}*", super::container_of(media.kind).as_str(), Media::folder(media.id))]});
        let asked = self
            .ask(app, &address, paths.to_string())
            .instrument(span.clone());
        asked.await.map(|()| true).map_err(|reason| {
            span.record("otel.status_code", "ERROR");
            tracing::error!(media = %media.id, reason, "the CDN cannot be purged");
            ApiError::StoreUnavailable(
                "the CDN could not be told to forget its copies: try again later".to_owned(),
            )
        })
    }

    async fn ask(&self, app: &App, address: &str, body: String) -> Result<(), String> {
        let token = app.access().credential.get_token(&[SCOPE], None).await;
        let token = token.map_err(|error| error.to_string())?;
        let request = self.http()?.post(address).bearer_auth(token.token.secret());
        let request = request.header("content-type", "application/json").body(body);
        let answer = request
            .send()
            .await
            .map_err(|error| error.without_url().to_string())?;
        let status = answer.status().as_u16();
        Span::current().record("http.response.status_code", status);
        // Accepted, done at once, or nothing there to purge.
        match StatusCode::from_u16(status) {
            Ok(StatusCode::OK | StatusCode::ACCEPTED | StatusCode::NO_CONTENT) => Ok(()),
            _ => Err(format!("it answers {status}")),
        }
    }

    fn http(&self) -> Result<&reqwest::Client, String> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let http = reqwest::Client::builder()
            .user_agent(crate::version::USER_AGENT)
            // A token would go along.
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(CALL)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(self.http.get_or_init(|| http))
    }
}
