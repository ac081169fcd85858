//! A credential whose answers outlive the calls that asked.

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use azure_core::time::{Duration, OffsetDateTime};
use std::sync::Arc;
use tokio::sync::{Mutex, oneshot};

/// A token that ends this soon is not handed over.
const SPARE: Duration = Duration::minutes(5);
/// Longest wait for a token.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// Fetches each token on a task of its own. A call is given up after a second, and would take its request for a token with
/// it: where that takes longer, no call would ever have one. What comes too late for its call is there for the next.
///
/// It is no cache; the clients have theirs.
#[derive(Debug)]
pub(super) struct Patient {
    inner: Arc<dyn TokenCredential>,
    late: Arc<Mutex<Option<AccessToken>>>,
}

impl Patient {
    pub(super) fn new(inner: Arc<dyn TokenCredential>) -> Self {
        Self {
            inner,
            late: Arc::default(),
        }
    }
}

#[async_trait]
impl TokenCredential for Patient {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let (inner, late) = (self.inner.clone(), self.late.clone());
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let (sender, receiver) = oneshot::channel();
        tokio::spawn(async move {
            let mut late = late.lock().await;
            // Given up while it waited for the one before it.
            if sender.is_closed() {
                return;
            }
            let soon = OffsetDateTime::now_utc() + SPARE;
            let answer = match late.take().filter(|token| token.expires_on > soon) {
                Some(token) => Ok(token),
                None => fetch(inner.as_ref(), &scopes).await,
            };
            if let Err(Ok(token)) = sender.send(answer) {
                *late = Some(token);
            }
        });
        receiver
            .await
            .map_err(|error| Error::new(ErrorKind::Credential, error))?
    }
}

async fn fetch(credential: &dyn TokenCredential, scopes: &[String]) -> azure_core::Result<AccessToken> {
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let answer = tokio::time::timeout(PATIENCE, credential.get_token(&scopes, None));
    let slow = |error| Error::new(ErrorKind::Credential, error);
    answer.await.map_err(slow)?
}
