//! One secret of the vault, kept in memory.

use super::vault::Vault;
use super::{Pace, Reason, SecretError, SecretName, SecretText};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// How long a change counts as one that just happened: longer than a login takes that began with the value before.
const LATELY: std::time::Duration = std::time::Duration::from_secs(60);

/// A secret as it was last read, and the way to read it again.
pub(super) struct Kept {
    name: SecretName,
    vault: Arc<Vault>,
    pace: Pace,
    known: Mutex<Known>,
    /// When the vault last answered, and whether with the secret; locked while it is asked.
    asked: tokio::sync::Mutex<Option<(Instant, Result<(), SecretError>)>>,
}

struct Known {
    value: Result<SecretText, SecretError>,
    changed_at: Option<Instant>,
}

impl Kept {
    pub(super) fn new(name: SecretName, vault: Arc<Vault>, pace: Pace) -> Self {
        let never = SecretError {
            name: name.clone(),
            reason: Reason::NotYet,
        };
        Self {
            name,
            vault,
            pace,
            known: Mutex::new(Known {
                value: Err(never),
                changed_at: None,
            }),
            asked: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn name(&self) -> &SecretName {
        &self.name
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value as it is known.
    pub(super) fn value(&self) -> Result<SecretText, SecretError> {
        self.known().value.clone()
    }

    /// Whether the value became another one a moment ago.
    pub(super) fn changed_lately(&self) -> bool {
        let changed_at = self.known().changed_at;
        changed_at.is_some_and(|at| at.elapsed() < LATELY)
    }

    /// Asks the vault, unless it was asked a moment ago; who comes meanwhile shares the answer.
    ///
    /// It is asked to the end, even for a caller that cannot wait so long: the next one has the answer then.
    pub(super) async fn read(self: &Arc<Self>) -> Result<(), SecretError> {
        let (kept, since) = (Arc::clone(self), Instant::now());
        let asked = tokio::spawn(async move { kept.ask(since).await });
        asked.await.unwrap_or_else(|_| self.value().map(drop))
    }

    async fn ask(&self, since: Instant) -> Result<(), SecretError> {
        let mut asked = self.asked.lock().await;
        if let Some((at, outcome)) = &*asked
            && (*at >= since || at.elapsed() < self.pace.between)
        {
            return outcome.clone();
        }
        let outcome = self.vault.get(&self.name).await.map(|value| self.take(value));
        if let Err(error) = &outcome {
            self.note(error);
        }
        *asked = Some((Instant::now(), outcome.clone()));
        outcome
    }

    fn take(&self, value: SecretText) {
        let mut known = self.known();
        match &known.value {
            Ok(before) if *before == value => return,
            Ok(_) => {
                known.changed_at = Some(Instant::now());
                tracing::info!(secret = %self.name, "a secret has changed in the vault");
            }
            Err(_) => tracing::debug!(secret = %self.name, "a secret was read"),
        }
        known.value = Ok(value);
    }

    /// A value that was read stays good until there is another one.
    fn note(&self, error: &SecretError) {
        let mut known = self.known();
        let stays = known.value.is_ok();
        if !stays {
            known.value = Err(error.clone());
        }
        tracing::warn!(secret = %self.name, reason = %error.reason, stays, "a secret could not be read");
    }

    /// Reads at once, then again and again: sooner after a failure. Never ends.
    pub(super) async fn keep_fresh(self: Arc<Self>) {
        let mut after_failure = self.pace.between;
        loop {
            let rest = match self.read().await {
                Ok(()) => {
                    after_failure = self.pace.between;
                    self.pace.refresh
                }
                Err(_) => {
                    let rest = after_failure;
                    after_failure = (rest * 2).min(self.pace.longest).min(self.pace.refresh);
                    rest
                }
            };
            tokio::time::sleep(rest).await;
        }
    }
}
