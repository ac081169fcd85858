//! Who the program is in Azure.

use super::{Environment, SettingError};
use std::fmt;
use uuid::Uuid;

/// Whose tokens the program uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityConfig {
    /// The identity of the Functions app: there is one where the platform sets `IDENTITY_ENDPOINT`.
    Managed {
        /// `AZURE_CLIENT_ID`: the client id of a user-assigned identity; default: the app's own one.
        client_id: Option<Uuid>,
    },
    /// Whoever has logged in with `az login` or `azd auth login`.
    Developer,
}

impl IdentityConfig {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        if environment.get("IDENTITY_ENDPOINT").is_none() {
            // On a laptop AZURE_CLIENT_ID may be there for other programs, and may be anything.
            return Ok(Self::Developer);
        }
        let takes = "the client id (a GUID) of a user-assigned identity";
        let client_id = environment.parsed("AZURE_CLIENT_ID", takes)?;
        Ok(Self::Managed { client_id })
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
