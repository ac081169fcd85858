//! Why a secret cannot be had.

use super::SecretName;

/// A secret that cannot be read. Never holds a secret, nor what the vault answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("secret `{name}` cannot be read: {reason}")]
pub struct SecretError {
    /// Its name.
    pub name: SecretName,
    /// Why.
    pub reason: Reason,
}

/// What keeps a secret from being read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It was not asked for before.
    #[error("it is being read")]
    NotYet,
    /// There is no vault among the settings.
    #[error("PRAVIS_KEY_VAULT_URL is not set")]
    NoVault,
    /// The identity has no token for the vault.
    #[error("{0}")]
    NoToken(String),
    /// The vault does not take the token.
    #[error("the vault does not take the identity's token")]
    Refused,
    /// The identity may not read secrets.
    #[error("the identity lacks the role Key Vault Secrets User on the vault")]
    MissingRole,
    /// The vault does not talk to this network.
    #[error("the vault is closed to this network")]
    Network,
    /// The secret is there, and switched off.
    #[error("it is disabled")]
    Disabled,
    /// There is no such secret.
    #[error("the vault does not have it")]
    Missing,
    /// The vault cannot be reached, or is too busy.
    #[error("the vault does not answer: {0}")]
    Away(String),
    /// What came is no secret.
    #[error("the vault's answer holds no value")]
    Empty,
}

impl Reason {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotYet | Self::Away(_) => {
                "check PRAVIS_KEY_VAULT_URL, and that this machine reaches the vault over https"
            }
            Self::NoVault => "set PRAVIS_KEY_VAULT_URL",
            Self::NoToken(_) => "see the check `identity`",
            Self::Refused => "use an identity of the tenant that the vault belongs to",
            Self::MissingRole => {
                "give the identity the role Key Vault Secrets User on the vault; it works some minutes later"
            }
            Self::Network => "let this network in at the vault's firewall, or use its private endpoint",
            Self::Disabled => "enable the current version of the secret",
            Self::Missing => "make the secret in the vault, or name another one after kv:",
            Self::Empty => "give the secret a value",
        }
    }
}
