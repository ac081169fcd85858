//! Where secrets are.

use super::environment::SECRET;
use super::{Environment, SettingError};
use crate::secrets::{SecretName, SecretSetting};
use std::fmt;

/// Domains of Key Vault: the public cloud, US Government, China (operated by 21Vianet).
const DOMAINS: &[&str] = &["vault.azure.net", "vault.usgovcloudapi.net", "vault.azure.cn"];

/// The vault, and what is asked of it.
#[derive(Debug, Clone)]
pub struct VaultConfig {
    /// `PRAVIS_KEY_VAULT_URL`: the vault, such as `https://shop.vault.azure.net`.
    pub url: VaultUrl,
    /// Settings that refer to a secret (`kv:<name>`), with its name.
    pub references: Vec<(&'static str, SecretName)>,
}

impl VaultConfig {
    /// None when there is no vault; a setting that refers to one is wrong then.
    pub(super) fn from_environment(environment: &Environment) -> Result<Option<Self>, SettingError> {
        let mut references = Vec::new();
        for &setting in SECRET {
            if let Some(SecretSetting::Reference(name)) = environment.secret(setting)? {
                references.push((setting, name));
            }
        }
        let url = environment.get("PRAVIS_KEY_VAULT_URL").map(VaultUrl::parse);
        match (url.transpose()?, references.first()) {
            (Some(url), _) => Ok(Some(Self { url, references })),
            (None, None) => Ok(None),
            (None, Some((setting, name))) => Err(SettingError::new(
                setting,
                format!("refers to the secret `{name}` of a Key Vault: set PRAVIS_KEY_VAULT_URL, too"),
            )),
        }
    }
}

/// The address of a vault: `https://<name>.vault.azure.net`, or the same in another cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultUrl {
    name: String,
    domain: &'static str,
}

impl VaultUrl {
    /// Anything but a vault's own address is refused: what is asked there is asked with a token.
    fn parse(text: &str) -> Result<Self, SettingError> {
        let host = text.trim().strip_prefix("https://");
        let host = host.map(|host| host.strip_suffix('/').unwrap_or(host));
        let (name, domain) = host.and_then(|host| host.split_once('.')).unwrap_or_default();
        let domain = DOMAINS.iter().find(|known| domain.eq_ignore_ascii_case(known));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        match domain {
            Some(domain) if (3..=24).contains(&name.len()) && name.bytes().all(plain) => Ok(Self {
                name: name.to_ascii_lowercase(),
                domain,
            }),
            _ => Err(SettingError::new(
                "PRAVIS_KEY_VAULT_URL",
                format!(
                    "takes the address of a vault, https://<name>.{} (or {})",
                    DOMAINS[0],
                    DOMAINS[1..].join(", ")
                ),
            )),
        }
    }

    /// For what tokens are asked.
    pub fn scope(&self) -> String {
        format!("https://{}/.default", self.domain)
    }
}

impl fmt::Display for VaultUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}.{}", self.name, self.domain)
    }
}
