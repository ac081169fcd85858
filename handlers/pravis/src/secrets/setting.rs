//! A secret as a setting has it.

use super::SecretText;
use std::fmt;

/// Longest name of a secret.
const LONGEST_NAME: usize = 127;

/// The name of a secret in the vault: 1 to 127 of `0-9 A-Z a-z -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretName(String);

impl SecretName {
    /// Takes a name that keeps the rules of Key Vault.
    fn parse(name: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let fits = (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(plain);
        fits.then(|| Self(name.to_owned()))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of a setting that is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSetting {
    /// The secret itself.
    Plain(SecretText),
    /// `kv:<name>`: the secret is in the vault.
    Reference(SecretName),
}

impl SecretSetting {
    /// Reads a setting, or says what is wrong with it without showing it.
    pub(crate) fn parse(value: &str) -> Result<Self, String> {
        match value.trim().strip_prefix("kv:") {
            None => Ok(Self::Plain(SecretText::new(value))),
            Some(name) => SecretName::parse(name).map(Self::Reference).ok_or_else(|| {
                format!(
                    "takes the name of a secret after kv:, 1 to {LONGEST_NAME} letters, digits and hyphens"
                )
            }),
        }
    }
}
