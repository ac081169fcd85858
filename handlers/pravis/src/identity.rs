//! The one credential of the program: tokens for SQL, storage, vault and telemetry.
//!
//! Which identity it is follows from the passed-in settings. `azure_identity` itself reads `IDENTITY_ENDPOINT` and
//! `IDENTITY_HEADER` (the protocol of App Service,
//! <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>) in the environment of
//! the process, and cannot be told otherwise; so this part is tested in a process of its own.

use crate::config::IdentityConfig;
use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions};
use azure_core::time::{Duration, OffsetDateTime};
use azure_identity::{
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};
use std::collections::HashMap;
use std::error::Error as _;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use uuid::Uuid;

/// How long before its end a token is replaced.
const EARLY: Duration = Duration::minutes(5);
/// How long a token must be good for, to be used at all.
const LEAST: Duration = Duration::seconds(10);
/// How long a new token may take; a developer's tool is slow.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
/// Longest text of a developer's tool that is repeated.
const LONGEST: usize = 200;

/// Who the program is, made when the first token is needed.
///
/// It keeps tokens itself: the developer tools would start a program for each, and the crate's own cache lets all scopes wait
/// while the token of one is renewed.
pub struct Identity {
    config: IdentityConfig,
    inner: OnceLock<Arc<dyn TokenCredential>>,
    tokens: Mutex<HashMap<String, Arc<Slot>>>,
}

/// The token of one scope; `renewing` is held by the one who asks for the next.
#[derive(Default)]
struct Slot {
    token: Mutex<Option<AccessToken>>,
    renewing: tokio::sync::Mutex<()>,
}

impl Identity {
    /// The identity that the settings name. Asks for nothing yet.
    pub fn new(config: IdentityConfig) -> Self {
        Self {
            config,
            inner: OnceLock::new(),
            tokens: Mutex::default(),
        }
    }

    fn inner(&self) -> azure_core::Result<&Arc<dyn TokenCredential>> {
        if let Some(inner) = self.inner.get() {
            return Ok(inner);
        }
        let made = make(self.config)?;
        Ok(self.inner.get_or_init(|| made))
    }

    fn slot(&self, scope: &str) -> Arc<Slot> {
        let mut slots = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(scope.to_owned()).or_default())
    }

    async fn ask(&self, scope: &str) -> azure_core::Result<AccessToken> {
        let answer = tokio::time::timeout(PATIENCE, self.inner()?.get_token(&[scope], None)).await;
        answer
            .unwrap_or_else(|_| Err(failure("no answer in time")))
            .map_err(|error| failure(&self.explain(&error)))
    }

    /// Why there is no token, in one line, and without what the endpoint answered.
    fn explain(&self, error: &Error) -> String {
        let cause = causes(error).find(|error| error.http_status().is_some());
        match (self.config, cause.and_then(Error::http_status).map(u16::from)) {
            (IdentityConfig::Developer, _) => {
                let said = error.to_string().replace('\n', " ");
                let said: String = said.chars().take(LONGEST).collect();
                format!("no one is logged in with `az login` or `azd auth login`: {said}")
            }
            (
                IdentityConfig::Managed {
                    client_id: Some(client_id),
                },
                Some(400),
            ) => format!("the app does not have the identity {client_id} that AZURE_CLIENT_ID names"),
            (IdentityConfig::Managed { client_id: None }, Some(400)) => {
                "the app has no identity of its own; AZURE_CLIENT_ID names a user-assigned one".to_owned()
            }
            (IdentityConfig::Managed { .. }, Some(status)) => {
                format!("the identity endpoint answers with status {status}")
            }
            (IdentityConfig::Managed { .. }, None) => {
                "the identity endpoint does not answer, or not with a token".to_owned()
            }
        }
    }
}

impl Slot {
    /// The token, if it is good for `time` yet.
    fn good_for(&self, time: Duration) -> Option<AccessToken> {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let good = |token: &&AccessToken| token.expires_on > OffsetDateTime::now_utc() + time;
        token.as_ref().filter(good).cloned()
    }

    fn keep(&self, token: &AccessToken) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
    }
}

#[async_trait]
impl TokenCredential for Identity {
    /// A token for one scope, such as `https://storage.azure.com/.default`.
    ///
    /// In its last minutes a token is used on while one caller asks for the next, or nobody gets one.
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
        let _renewing = match (slot.renewing.try_lock(), slot.good_for(LEAST)) {
            (Ok(renewing), _) => renewing,
            (Err(_), Some(token)) => return Ok(token),
            (Err(_), None) => slot.renewing.lock().await,
        };
        if let Some(token) = slot.good_for(EARLY) {
            return Ok(token);
        }
        let answer = self.ask(scope).await;
        match (answer, slot.good_for(LEAST)) {
            (Ok(token), _) => {
                slot.keep(&token);
                Ok(token)
            }
            (Err(error), Some(token)) => {
                tracing::warn!(%error, scope, "a token could not be renewed; the one from before is used");
                Ok(token)
            }
            (Err(error), None) => Err(error),
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
                user_assigned_id: client_id.map(|id: Uuid| UserAssignedId::ClientId(id.to_string())),
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

fn failure(text: &str) -> Error {
    Error::with_message(ErrorKind::Credential, text.to_owned())
}

/// The error and those that caused it.
fn causes(error: &Error) -> impl Iterator<Item = &Error> {
    std::iter::successors(Some(error), |&error| error.source()?.downcast_ref())
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.config).finish()
    }
}

/// Who it is, for people.
impl fmt::Display for IdentityConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Managed { client_id: Some(id) } => write!(f, "the managed identity {id}"),
            Self::Managed { client_id: None } => f.write_str("the app's managed identity"),
            Self::Developer => f.write_str("whoever has logged in on this machine"),
        }
    }
}
