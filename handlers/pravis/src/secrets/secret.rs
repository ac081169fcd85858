//! A secret in the hands of who uses it.

use super::kept::Kept;
use super::{Reason, SecretError, SecretName, SecretText};
use async_trait::async_trait;
use std::fmt;
use std::sync::Arc;
use store::StoreError;
use store::azure_sql::ConnectionSource;

/// A secret that someone uses; a clone is a reference.
#[derive(Clone)]
pub struct Secret(Source);

#[derive(Clone)]
enum Source {
    Plain(SecretText),
    Vault(Arc<Kept>),
    /// A reference that was not among those of the settings.
    Nowhere(SecretName),
}

impl Secret {
    pub(super) fn plain(text: SecretText) -> Self {
        Self(Source::Plain(text))
    }

    pub(super) fn of_vault(kept: Arc<Kept>) -> Self {
        Self(Source::Vault(kept))
    }

    pub(super) fn nowhere(name: SecretName) -> Self {
        Self(Source::Nowhere(name))
    }

    /// The value as it is known; read now when it was never read.
    pub async fn current(&self) -> Result<SecretText, SecretError> {
        match &self.0 {
            Source::Plain(text) => Ok(text.clone()),
            Source::Vault(kept) => match kept.value() {
                Ok(text) => Ok(text),
                Err(_) => kept.read().await.and_then(|()| kept.value()),
            },
            Source::Nowhere(name) => Err(SecretError {
                name: name.clone(),
                reason: Reason::NoVault,
            }),
        }
    }

    /// Reads the secret anew, since it was of no use; true when it is another one than a minute ago.
    ///
    /// Asks the vault every few seconds at most, however often it is called.
    pub async fn renew(&self) -> bool {
        match &self.0 {
            Source::Vault(kept) => {
                // Why it failed is logged there; the value from before stays.
                let _ = kept.read().await;
                kept.changed_lately()
            }
            Source::Plain(_) | Source::Nowhere(_) => false,
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Plain(text) => f.debug_tuple("Secret").field(text).finish(),
            Source::Vault(kept) => write!(f, "Secret(kv:{})", kept.name()),
            Source::Nowhere(name) => write!(f, "Secret(kv:{name})"),
        }
    }
}

/// A connection string is a secret like any other.
#[async_trait]
impl ConnectionSource for Secret {
    async fn current(&self) -> Result<String, StoreError> {
        let text = Self::current(self).await;
        text.map(|text| text.expose().to_owned())
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    async fn renew(&self) -> bool {
        Self::renew(self).await
    }
}
