//! Secrets: in a setting, or in the Key Vault that a setting refers to (`kv:<name>`).
//!
//! A secret of the vault is read at the start, kept in memory, read again every quarter of an hour, and at once when it was
//! of no use. So one that is rotated is taken without a restart, and a vault that is away for a while does no harm.

mod error;
mod kept;
mod secret;
mod setting;
mod text;
mod vault;

pub use error::{Reason, SecretError};
pub use secret::Secret;
pub use setting::{SecretName, SecretSetting};
pub use text::SecretText;
pub(crate) use vault::Vault;

use kept::Kept;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How often the vault is asked.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between two readings of a secret that is known.
    pub refresh: Duration,
    /// At least between two questions for the same secret; the first rest after a failure, too.
    pub between: Duration,
    /// At most between two questions for a secret that could not be read.
    pub longest: Duration,
    /// For one answer, with its retries and the token.
    pub patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            refresh: Duration::from_secs(15 * 60),
            between: Duration::from_secs(3),
            longest: Duration::from_secs(60),
            patience: Duration::from_secs(30),
        }
    }
}

/// Every secret of the vault that the settings refer to; a clone is a reference.
#[derive(Clone, Default)]
pub struct Secrets(Arc<[Arc<Kept>]>);

impl Secrets {
    /// Secrets of a vault, none of them read yet.
    pub(crate) fn new<'n>(names: impl Iterator<Item = &'n SecretName>, vault: Vault, pace: Pace) -> Self {
        let vault = Arc::new(vault);
        let mut kept: Vec<Arc<Kept>> = Vec::new();
        for name in names {
            if !kept.iter().any(|known| known.name() == name) {
                kept.push(Arc::new(Kept::new(name.clone(), Arc::clone(&vault), pace)));
            }
        }
        Self(kept.into())
    }

    /// The secret of a setting.
    pub fn of(&self, setting: &SecretSetting) -> Secret {
        match setting {
            SecretSetting::Plain(text) => Secret::plain(text.clone()),
            SecretSetting::Reference(name) => self.named(name),
        }
    }

    /// The secret of this name.
    pub fn named(&self, name: &SecretName) -> Secret {
        match self.0.iter().find(|kept| kept.name() == name) {
            Some(kept) => Secret::of_vault(Arc::clone(kept)),
            None => Secret::nowhere(name.clone()),
        }
    }

    /// Whether there is a secret of the vault at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Why secrets that are needed are not there; empty when all are.
    pub fn lacking(&self) -> Vec<SecretError> {
        self.0.iter().filter_map(|kept| kept.value().err()).collect()
    }

    /// Reads all secrets now, and keeps them fresh until the answer is dropped.
    #[must_use = "it ends when this is dropped"]
    pub fn keep_fresh(&self) -> JoinSet<()> {
        self.0.iter().cloned().map(Kept::keep_fresh).collect()
    }
}
