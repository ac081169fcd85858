//! The ADO.NET connection string: what is refused before anything is sent.

use crate::StoreError;
use tiberius::Config;

/// Where to connect, and as whom.
#[derive(Clone)]
pub(super) struct Target {
    /// What the driver takes; it holds the password, where there is one.
    pub(super) config: Config,
    /// Whether a token logs in, since the string names no user.
    pub(super) by_token: bool,
}

impl Target {
    /// Reads a connection string.
    pub(super) fn parse(text: &str, has_credential: bool) -> Result<Self, StoreError> {
        let config =
            Config::from_ado_string(text).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let names_user = text.to_ascii_lowercase().contains("user id=");
        Ok(Self {
            config,
            by_token: !names_user && has_credential,
        })
    }
}
