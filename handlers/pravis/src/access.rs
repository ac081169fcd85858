//! How the program gets at what others guard.

use crate::config::Config;
use crate::identity::Identity;
use crate::secrets::{Pace, Secrets, Vault};
use azure_core::credentials::TokenCredential;
use azure_core::http::Transport;
use std::sync::Arc;

/// The identity of the program, and the secrets that it reads with it; a clone is a reference.
#[derive(Clone)]
pub struct Access {
    /// Gives tokens for SQL, storage, vault and telemetry.
    pub credential: Arc<dyn TokenCredential>,
    /// The secrets of the vault.
    pub secrets: Secrets,
}

impl Access {
    /// As the settings say. Asks for nothing yet.
    pub fn new(config: &Config) -> Self {
        let credential = Arc::new(Identity::new(config.identity));
        Self::by(config, credential, None, Pace::default())
    }

    /// With a credential of one's own, and a vault that is asked over `transport` at that pace: how tests put a stub in the
    /// place of Azure.
    pub fn by(
        config: &Config,
        credential: Arc<dyn TokenCredential>,
        transport: Option<Transport>,
        pace: Pace,
    ) -> Self {
        let secrets = config.vault.as_ref().map_or_else(Secrets::default, |vault| {
            let names = vault.references.iter().map(|(_, name)| name);
            let vault = Vault::new(&vault.url, Arc::clone(&credential), transport, pace.patience);
            Secrets::new(names, vault, pace)
        });
        Self { credential, secrets }
    }
}
