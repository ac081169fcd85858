//! Who the program is, and what it may read of the vault.

use super::Finding;
use crate::access::Access;
use crate::config::{Config, IdentityConfig, StorageConfig, StoreConfig};

/// Whether the identity gives a token for what needs one first; nothing when nothing does.
pub(super) async fn identity(config: &Config, access: &Access) -> Option<Finding> {
    const NAME: &str = "identity";
    let scope = match (&config.vault, &config.storage, &config.store) {
        (Some(vault), _, _) => vault.url.scope(),
        (None, StorageConfig::Account(_), _) => "https://storage.azure.com/.default".to_owned(),
        (None, _, StoreConfig::AzureSql(sql)) if sql.may_need_token() => {
            "https://database.windows.net/.default".to_owned()
        }
        _ => return None,
    };
    Some(match access.credential.get_token(&[&scope], None).await {
        Ok(_) => Finding::good(NAME, format!("{} gives tokens", config.identity)),
        Err(error) => Finding::bad(
            NAME,
            format!("{} gives no token: {error}", config.identity),
            match config.identity {
                IdentityConfig::Managed { .. } => {
                    "give the app a managed identity, and AZURE_CLIENT_ID its client id when it is user-assigned"
                }
                IdentityConfig::Developer => "run `az login`, or `azd auth login`",
            },
        ),
    })
}

/// Reads each secret that a setting refers to.
pub(super) async fn vault(config: &Config, access: &Access) -> Vec<Finding> {
    const NAME: &str = "vault";
    let mut findings = Vec::new();
    let Some(vault) = &config.vault else {
        return findings;
    };
    for (setting, name) in &vault.references {
        let secret = access.secrets.named(name);
        findings.push(match secret.current().await {
            Ok(_) => Finding::good(
                NAME,
                format!("secret `{name}` of {} can be read ({setting})", vault.url),
            ),
            Err(error) => Finding::bad(NAME, format!("{error} ({setting})"), error.reason.advice()),
        });
    }
    if findings.is_empty() {
        let detail = format!("no setting refers to {}", vault.url);
        findings.push(Finding::good(NAME, detail));
    }
    findings
}
