//! Where the program listens.

use super::{Environment, SettingError};
use std::net::SocketAddr;

/// The settings of both hosts.
#[derive(Debug, Clone)]
pub struct HostConfig {
    /// `PRAVIS_ADDRESS`: where `serve` listens; default `127.0.0.1:7071`.
    pub address: SocketAddr,
    /// `PRAVIS_PUBLIC_URL`: the address that clients see, without a slash at its end; default: the address itself.
    pub public_url: Option<String>,
    /// `FUNCTIONS_CUSTOMHANDLER_PORT`: where `handler` listens; set by the Functions host.
    pub handler_port: Option<u16>,
}

impl HostConfig {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let address = environment.parsed("PRAVIS_ADDRESS", "an address and port such as 127.0.0.1:7071")?;
        let public_url = environment
            .get("PRAVIS_PUBLIC_URL")
            .map(|url| url.trim_end_matches('/').to_owned());
        if public_url
            .as_ref()
            .is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://"))
        {
            return Err(SettingError::new(
                "PRAVIS_PUBLIC_URL",
                "takes a URL that begins with https:// or http://",
            ));
        }
        Ok(Self {
            address: address.unwrap_or_else(|| ([127, 0, 0, 1], 7071).into()),
            public_url,
            handler_port: environment.parsed("FUNCTIONS_CUSTOMHANDLER_PORT", "a port number")?,
        })
    }
}
