//! Tokens for Azure Monitor.

use axum::http::HeaderValue;
use azure_core::credentials::{AccessToken, TokenCredential};
use azure_core::time::OffsetDateTime;
use opentelemetry_http::HttpError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// What the token is for: Application Insights and the Logs Ingestion API alike.
const SCOPE: &str = "https://monitor.azure.com/.default";
/// A token that ends sooner is replaced.
const REFRESH: Duration = Duration::from_secs(5 * 60);
/// How long the identity may take for a token.
const ASK: Duration = Duration::from_secs(5);

/// A token that is kept while it lasts; a clone keeps the same one.
#[derive(Debug, Clone)]
pub(super) struct Bearer {
    credential: Arc<dyn TokenCredential>,
    token: Arc<Mutex<Option<AccessToken>>>,
}

impl Bearer {
    pub(super) fn new(credential: Arc<dyn TokenCredential>) -> Self {
        Self {
            credential,
            token: Arc::default(),
        }
    }

    /// The value of `Authorization`.
    pub(super) async fn header(&self) -> Result<HeaderValue, HttpError> {
        let mut token = self.token.lock().await;
        let lasts = |token: &AccessToken, time| token.expires_on > OffsetDateTime::now_utc() + time;
        if !token.as_ref().is_some_and(|token| lasts(token, REFRESH)) {
            match self.ask().await {
                Ok(new) => *token = Some(new),
                // The old one may do for a while yet.
                Err(error) if !token.as_ref().is_some_and(|token| lasts(token, Duration::ZERO)) => {
                    return Err(error);
                }
                Err(error) => tracing::debug!(%error, "no new token for telemetry yet"),
            }
        }
        let token = token.as_ref().map_or("", |token| token.token.secret());
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Drops the token: it was refused, perhaps for what it says, and the next one may say more.
    pub(super) async fn forget(&self) {
        *self.token.lock().await = None;
    }

    async fn ask(&self) -> Result<AccessToken, HttpError> {
        match tokio::time::timeout(ASK, self.credential.get_token(&[SCOPE], None)).await {
            Ok(token) => Ok(token.map_err(|error| format!("no token for telemetry: {error}"))?),
            Err(_) => Err("no token for telemetry: the identity does not answer".into()),
        }
    }
}
