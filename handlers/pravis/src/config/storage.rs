//! Where blobs and queues are.

use super::{Environment, SettingError};
use crate::secrets::SecretText;
use std::path::{Path, PathBuf};
use url::Url;

const NAME: &str = "PRAVIS_STORAGE";
/// What the connection string of Azurite begins with.
const EMULATOR: &str = "UseDevelopmentStorage=true";

/// `PRAVIS_STORAGE`: where blobs and queues are; default `local`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageConfig {
    /// `local`: in this folder.
    Local(PathBuf),
    /// `https://<account>.blob.core.windows.net`, or `BlobEndpoint=…;QueueEndpoint=…` where the one does not tell the other:
    /// an account, used as the program's identity.
    Account(StorageAccount),
    /// `UseDevelopmentStorage=true`, and what may stand behind it: Azurite, as its connection string says.
    Emulator(SecretText),
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
        let account = match value {
            "local" => return Ok(Self::Local(data_dir.join("storage"))),
            emulator if emulator.split(';').next() == Some(EMULATOR) => {
                return Ok(Self::Emulator(SecretText::new(emulator)));
            }
            address if address.starts_with("https://") => StorageAccount::at(address),
            pairs => StorageAccount::of_pairs(pairs)?,
        };
        // The value is never shown: it may hold a key, or a signature.
        account.map(Self::Account).ok_or_else(|| {
            SettingError::new(
                NAME,
                "takes local, the address of an account (https://<account>.blob.core.windows.net), \
                 UseDevelopmentStorage=true, or BlobEndpoint=https://…;QueueEndpoint=https://…",
            )
        })
    }
}

impl StorageAccount {
    /// An account by the address of its blobs, from which that of its queues differs in one word.
    fn at(address: &str) -> Option<Self> {
        let blobs = endpoint(address)?;
        let (name, domain) = blobs.strip_prefix("https://")?.split_once(".blob.")?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        // Some names have the zone of the account behind them: shop.z17.blob.storage.azure.net.
        let named = name
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(plain));
        let queues = format!("https://{name}.queue.{domain}");
        (named && domain.contains('.') && !domain.contains(['/', ':'])).then_some(Self { blobs, queues })
    }

    /// An account by its connection string: `Name=value` pairs between semicolons.
    fn of_pairs(text: &str) -> Result<Option<Self>, SettingError> {
        let get = |name: &str| {
            let mut pairs = text.split(';').filter_map(|pair| pair.split_once('='));
            let found = pairs.find(|(known, _)| known.trim().eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.trim())
        };
        if get("AccountKey").or(get("SharedAccessSignature")).is_some() {
            return Err(SettingError::new(
                NAME,
                "takes no key of an account: give the address of its blobs, and the program's identity the roles \
                 Storage Blob Data Contributor and Storage Queue Data Contributor",
            ));
        }
        let blobs = get("BlobEndpoint").and_then(endpoint);
        let queues = get("QueueEndpoint").and_then(endpoint);
        Ok(blobs.zip(queues).map(|(blobs, queues)| Self { blobs, queues }))
    }
}

/// An address that can be sent a token, without a slash at its end; none when there is more in it than an address has.
fn endpoint(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let bare = url.username().is_empty() && url.password().is_none();
    let bare = bare && url.query().is_none() && url.fragment().is_none();
    (url.scheme() == "https" && bare).then(|| url.as_str().trim_end_matches('/').to_owned())
}
