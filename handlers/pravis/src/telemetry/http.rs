//! The HTTP client of all telemetry.

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one call may take.
const CALL: Duration = Duration::from_secs(10);

/// One client for all; a clone is the same one. It is made with the first call: reading the certificates of the system takes
/// longer than all the rest of a start.
#[derive(Debug, Clone, Default)]
pub(super) struct Http(Arc<OnceLock<reqwest::Client>>);

impl Http {
    fn client(&self) -> Result<&reqwest::Client, HttpError> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder()
            .user_agent(crate::version::USER_AGENT)
            .connect_timeout(CONNECT)
            .timeout(CALL)
            .build()?;
        Ok(self.0.get_or_init(|| client))
    }
}

#[async_trait::async_trait]
impl HttpClient for Http {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        self.client()?.send_bytes(request).await
    }
}
