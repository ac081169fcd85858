//! Whether the way is encrypted, and who is believed to be the server.

use super::switch;
use super::words::{Settings, Word};
use tiberius::{Config, EncryptionLevel};

/// What logs in never goes over an open line: a token nowhere, a password only to this machine.
pub(super) fn choose(
    settings: &Settings,
    by_token: bool,
    loopback: bool,
    config: &mut Config,
) -> Result<(), &'static str> {
    let value = settings.get(&Word::Encrypt).map_or("true", String::as_str);
    let level = level(value).ok_or("Encrypt must be true or strict")?;
    let is_off = matches!(level, EncryptionLevel::Off | EncryptionLevel::NotSupported);
    if is_off && by_token {
        return Err("Encrypt must be on where a token logs in: whoever reads it on the way can use it");
    }
    if is_off && !loopback {
        return Err("Encrypt must be on, except for a server on this machine");
    }
    config.encryption(level);
    if let Some(name) = settings.get(&Word::HostNameInCertificate) {
        config.hostname_in_certificate(name);
    }
    trust(settings, by_token && !loopback, config)
}

fn level(value: &str) -> Option<EncryptionLevel> {
    match (switch(value), value.to_lowercase().as_str()) {
        (Some(true), _) => Some(EncryptionLevel::Required),
        (Some(false), _) => Some(EncryptionLevel::Off),
        (None, "strict") => Some(EncryptionLevel::Strict),
        (None, "danger_plaintext") => Some(EncryptionLevel::NotSupported),
        (None, _) => None,
    }
}

/// A certificate that nobody checks may be anybody's.
fn trust(settings: &Settings, must_check: bool, config: &mut Config) -> Result<(), &'static str> {
    let value = settings.get(&Word::TrustServerCertificate);
    let blindly = value.map_or(Some(false), |value| switch(value));
    let authority = settings.get(&Word::TrustServerCertificateCa);
    match (blindly, authority) {
        (None, _) => return Err("TrustServerCertificate must be true or false"),
        (Some(true), Some(_)) => {
            return Err("TrustServerCertificate and TrustServerCertificateCA exclude each other");
        }
        (Some(true), None) if must_check => {
            return Err("TrustServerCertificate must be off where a token logs in: any server could take it");
        }
        (Some(true), None) => config.trust_cert(),
        (Some(false), Some(path)) => config.trust_cert_ca(path),
        (Some(false), None) => {}
    }
    Ok(())
}
