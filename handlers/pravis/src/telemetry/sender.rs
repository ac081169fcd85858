//! The way to Application Insights, as its exporter takes it.

use super::bearer::Bearer;
use super::http::Http;
use axum::http::header::AUTHORIZATION;
use axum::http::uri::{Scheme, Uri};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Adds the token where one is wanted, and tells when it is refused.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    http: Http,
    bearer: Option<Bearer>,
    /// The exporter makes `https` of every address. A stub on this machine speaks plain HTTP.
    plain: bool,
    refused: Arc<AtomicBool>,
}

impl Sender {
    pub(super) fn new(http: Http, bearer: Option<Bearer>, plain: bool) -> Self {
        Self {
            http,
            bearer,
            plain,
            refused: Arc::default(),
        }
    }

    /// Says once why nothing arrives, and again only after something had arrived.
    async fn judge(&self, status: u16) {
        if !matches!(status, 401 | 403) {
            self.refused.store(
                status >= 400 && self.refused.load(Ordering::Relaxed),
                Ordering::Relaxed,
            );
            return;
        }
        if let Some(bearer) = &self.bearer {
            bearer.forget().await;
        }
        if self.refused.swap(true, Ordering::Relaxed) {
            return;
        }
        let advice = match self.bearer {
            Some(_) => {
                "give the identity the role Monitoring Metrics Publisher on the Application Insights component"
            }
            None => {
                "set APPLICATIONINSIGHTS_AUTHENTICATION_STRING to Authorization=AAD, or mend the connection string"
            }
        };
        tracing::warn!(status, advice, "Application Insights refuses telemetry");
    }
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        if self.plain {
            let mut parts = request.uri().clone().into_parts();
            parts.scheme = Some(Scheme::HTTP);
            *request.uri_mut() = Uri::from_parts(parts)?;
        }
        if let Some(bearer) = &self.bearer {
            request
                .headers_mut()
                .insert(AUTHORIZATION, bearer.header().await?);
        }
        let response = self.http.send_bytes(request).await?;
        self.judge(response.status().as_u16()).await;
        Ok(response)
    }
}
