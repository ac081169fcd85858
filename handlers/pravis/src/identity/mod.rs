//! The one credential of the program: tokens for SQL, storage, vault and telemetry.
//!
//! Which identity it is follows from the passed-in settings. `azure_identity` itself reads `IDENTITY_ENDPOINT` and
//! `IDENTITY_HEADER` (the protocol of App Service,
//! <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>) in the environment of
//! the process, and cannot be told otherwise; so this part is tested in a process of its own.

mod explain;
mod slot;
#[cfg(test)]
mod tests;

use crate::config::IdentityConfig;
use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions};
use azure_core::time::Duration;
use azure_identity::{
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};
use slot::{Slot, Turn};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::time::Instant;

/// How long before its end a token is replaced.
const EARLY: Duration = Duration::minutes(5);
/// How long a token must be good for, to be used at all.
const LEAST: Duration = Duration::seconds(10);
/// How long a new token may take; a developer's tool is slow.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
/// How long a failure is the answer for all who ask.
const REST: std::time::Duration = std::time::Duration::from_secs(1);

/// Who the program is, made when the first token is needed; a clone is a reference.
///
/// It keeps tokens itself: the developer tools would start a program for each, and the crate's own cache lets everybody wait
/// while one token is renewed.
#[derive(Clone)]
pub struct Identity(Arc<Shared>);

struct Shared {
    config: IdentityConfig,
    inner: OnceLock<Arc<dyn TokenCredential>>,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
}

impl Identity {
    /// The identity that the settings name. Asks for nothing yet.
    pub fn new(config: IdentityConfig) -> Self {
        Self(Arc::new(Shared {
            config,
            inner: OnceLock::new(),
            slots: Mutex::default(),
        }))
    }

    fn slot(&self, scope: &str) -> Arc<Slot> {
        let mut slots = self.0.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(scope.to_owned()).or_default())
    }

    /// Asks for the next token of a scope, unless that was done while this one waited for its turn.
    async fn renew(self, scope: String, slot: Arc<Slot>, mut turn: Turn) -> azure_core::Result<AccessToken> {
        if let Some(token) = slot.good_for(EARLY) {
            return Ok(token);
        }
        if let Some((at, why)) = &*turn
            && at.elapsed() < REST
        {
            return Err(failure(why.clone()));
        }
        match self.ask(&scope).await {
            Ok(token) => {
                slot.keep(&token);
                *turn = None;
                Ok(token)
            }
            Err(why) => {
                tracing::warn!(why, scope, "there is no new token");
                *turn = Some((Instant::now(), why.clone()));
                Err(failure(why))
            }
        }
    }

    async fn ask(&self, scope: &str) -> Result<AccessToken, String> {
        let answer = async { self.inner()?.get_token(&[scope], None).await };
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(answer) => answer.map_err(|error| explain::explain(self.0.config, &error)),
            Err(_) => Err("no answer in time".to_owned()),
        }
    }

    fn inner(&self) -> azure_core::Result<&Arc<dyn TokenCredential>> {
        if let Some(inner) = self.0.inner.get() {
            return Ok(inner);
        }
        let made = make(self.0.config)?;
        Ok(self.0.inner.get_or_init(|| made))
    }
}

#[async_trait]
impl TokenCredential for Identity {
    /// A token for one scope, such as `https://storage.azure.com/.default`.
    ///
    /// In its last minutes a token is used on while the next is asked for, so that nobody waits. It is asked for to the
    /// end, even for a caller who cannot wait so long.
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let [scope] = scopes else {
            return Err(failure("a token is for exactly one scope"));
        };
        let slot = self.slot(scope);
        if let Some(token) = slot.good_for(EARLY) {
            return Ok(token);
        }
        let spare = slot.good_for(LEAST);
        let turn = match (slot.turn().try_lock_owned(), &spare) {
            (Ok(turn), _) => turn,
            (Err(_), Some(token)) => return Ok(token.clone()),
            (Err(_), None) => slot.turn().lock_owned().await,
        };
        let renewal = tokio::spawn(self.clone().renew((*scope).to_owned(), slot, turn));
        match spare {
            Some(token) => Ok(token),
            None => renewal.await.unwrap_or_else(|_| Err(failure("the program ends"))),
        }
    }
}

fn make(config: IdentityConfig) -> azure_core::Result<Arc<dyn TokenCredential>> {
    match config {
        IdentityConfig::Managed { client_id } => {
            let retry = RetryOptions::exponential(ExponentialRetryOptions {
                max_retries: 3,
                max_total_elapsed: Duration::seconds(10),
                ..ExponentialRetryOptions::default()
            });
            let options = ManagedIdentityCredentialOptions {
                user_assigned_id: client_id.map(|id| UserAssignedId::ClientId(id.to_string())),
                client_options: ClientOptions {
                    retry,
                    ..ClientOptions::default()
                },
            };
            Ok(ManagedIdentityCredential::new(Some(options))?)
        }
        IdentityConfig::Developer => Ok(DeveloperToolsCredential::new(None)?),
    }
}

fn failure(text: impl Into<String>) -> Error {
    Error::with_message(ErrorKind::Credential, text.into())
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.0.config).finish()
    }
}
