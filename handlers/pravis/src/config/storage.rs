//! Where blobs and queues are.

use super::{Environment, SettingError};
use std::path::{Path, PathBuf};
use url::Url;

/// The name of the account that every Azurite has.
pub const EMULATOR_ACCOUNT: &str = "devstoreaccount1";
/// The key of that account: the same everywhere, so no secret
/// (<https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key>).
pub const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

const NAME: &str = "PRAVIS_STORAGE";

/// `PRAVIS_STORAGE`: where blobs and queues are; default `local`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageConfig {
    /// `local`: in this folder.
    Local(PathBuf),
    /// `https://<account>.blob.core.windows.net`, or `BlobEndpoint=…;QueueEndpoint=…` where the one does not tell the other:
    /// an account, used as the program's identity.
    Account(StorageAccount),
    /// `UseDevelopmentStorage=true`, or its long form: Azurite, used by the key that everybody knows.
    Emulator(StorageAccount),
}

/// A storage account; addresses are without a slash at their end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageAccount {
    /// Where its blobs are.
    pub blobs: String,
    /// Where its queues are.
    pub queues: String,
}

impl StorageConfig {
    pub(super) fn from_environment(environment: &Environment, data_dir: &Path) -> Result<Self, SettingError> {
        let value = environment.get(NAME).map_or("local", str::trim);
        if value == "local" {
            return Ok(Self::Local(data_dir.join("blobs")));
        }
        let read = if value.starts_with("https://") {
            account(value).map(Self::Account)
        } else {
            pairs(value)?
        };
        // The value is never shown: it may hold a key, or a signature.
        read.ok_or_else(|| {
            SettingError::new(
                NAME,
                "takes local, the address of an account (https://<account>.blob.core.windows.net), \
                 UseDevelopmentStorage=true, or BlobEndpoint=…;QueueEndpoint=…",
            )
        })
    }
}

/// An account by the address of its blobs, from which that of its queues differs in one word.
fn account(address: &str) -> Option<StorageAccount> {
    let blobs = endpoint(address)?;
    let (name, domain) = blobs.strip_prefix("https://")?.split_once(".blob.")?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    // Some names have the zone of the account behind them: shop.z17.blob.storage.azure.net.
    let named = name
        .split('.')
        .all(|part| !part.is_empty() && part.bytes().all(plain));
    let queues = format!("https://{name}.queue.{domain}");
    (named && domain.contains('.') && !domain.contains(['/', ':']))
        .then_some(StorageAccount { blobs, queues })
}

/// An address without a slash at its end; none when there is more in it than an address has.
fn endpoint(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let web = matches!(url.scheme(), "https" | "http");
    let bare = url.username().is_empty() && url.password().is_none();
    let bare = bare && url.query().is_none() && url.fragment().is_none();
    (web && bare).then(|| url.as_str().trim_end_matches('/').to_owned())
}

/// A connection string of storage: `Name=value` pairs between semicolons.
fn pairs(text: &str) -> Result<Option<StorageConfig>, SettingError> {
    let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
    let pairs: Vec<_> = pairs.map(|(name, value)| (name.trim(), value.trim())).collect();
    let get = |name: &str| {
        let mut found = pairs.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| *value)
    };
    if get("UseDevelopmentStorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(Some(StorageConfig::Emulator(StorageAccount {
            blobs: format!("http://127.0.0.1:10000/{EMULATOR_ACCOUNT}"),
            queues: format!("http://127.0.0.1:10001/{EMULATOR_ACCOUNT}"),
        })));
    }
    let blobs = get("BlobEndpoint").and_then(endpoint);
    let queues = get("QueueEndpoint").and_then(endpoint);
    let account = blobs
        .zip(queues)
        .map(|(blobs, queues)| StorageAccount { blobs, queues });
    match (get("AccountKey").or(get("SharedAccessSignature")), account) {
        (None, Some(account)) => Ok(account.is_https().then_some(StorageConfig::Account(account))),
        (Some(EMULATOR_KEY), Some(account)) => Ok(Some(StorageConfig::Emulator(account))),
        (None | Some(EMULATOR_KEY), None) => Ok(None),
        (Some(_), _) => Err(SettingError::new(
            NAME,
            "takes no key of an account: give the address of its blobs, and the program's identity the roles \
             Storage Blob Data Contributor and Storage Queue Data Contributor",
        )),
    }
}

impl StorageAccount {
    /// Whether both can be sent a token.
    fn is_https(&self) -> bool {
        self.blobs.starts_with("https://") && self.queues.starts_with("https://")
    }
}
