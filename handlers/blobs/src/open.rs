//! From a setting to a storage.

use crate::azure::{AzureOptions, AzureStorage};
use crate::local::{LocalOptions, LocalStorage};
use crate::{BlobError, Storage};
use azure_core::credentials::TokenCredential;
use std::path::Path;
use std::sync::Arc;

/// A storage, and which it is.
#[derive(Clone)]
pub enum Opened {
    /// A folder.
    Local(LocalStorage),
    /// A storage account.
    Azure(AzureStorage),
    /// A developer's Azurite.
    Development(AzureStorage),
}

/// Opens what `setting` names: `local` is `folder`, the https URL of a storage account is that account, by the token of
/// `credential`, and `UseDevelopmentStorage=true` (and more, see [`AzureStorage::development`]) is Azurite.
///
/// Nothing is asked of an account yet.
pub fn open(
    setting: &str,
    folder: &Path,
    local: LocalOptions,
    azure: AzureOptions,
    credential: impl FnOnce() -> azure_core::Result<Arc<dyn TokenCredential>>,
) -> Result<Opened, BlobError> {
    if setting == "local" {
        return LocalStorage::open(folder, local).map(Opened::Local);
    }
    if setting.starts_with(AzureStorage::DEVELOPMENT) {
        return AzureStorage::development(setting, azure).map(Opened::Development);
    }
    if !setting.starts_with("https://") {
        return Err(BlobError::Broken(format!(
            "a storage is `local`, the https URL of a storage account, or {}",
            AzureStorage::DEVELOPMENT
        )));
    }
    let credential =
        credential().map_err(|error| BlobError::Unavailable(format!("there is no identity: {error}")))?;
    AzureStorage::new(setting, None, credential, azure).map(Opened::Azure)
}

impl Opened {
    /// The storage itself.
    pub fn storage(&self) -> Arc<dyn Storage> {
        match self {
            Self::Local(storage) => Arc::new(storage.clone()),
            Self::Azure(storage) | Self::Development(storage) => Arc::new(storage.clone()),
        }
    }

    /// The folder, which has uploads that it granted to verify.
    pub fn local(&self) -> Option<&LocalStorage> {
        match self {
            Self::Local(storage) => Some(storage),
            Self::Azure(_) | Self::Development(_) => None,
        }
    }

    /// Makes containers and queues that Azurite lacks. A real account has them from its template, and a folder always.
    pub async fn prepare(&self) -> Result<(), BlobError> {
        match self {
            Self::Development(storage) => storage.ensure().await,
            Self::Local(_) | Self::Azure(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use azure_core::error::{Error, ErrorKind};

    fn open_here(setting: &str, folder: &Path) -> Result<Opened, BlobError> {
        let none = || Err(Error::with_message(ErrorKind::Credential, "nobody"));
        open(
            setting,
            folder,
            LocalOptions::default(),
            AzureOptions::default(),
            none,
        )
    }

    #[test]
    fn the_setting_chooses() {
        let folder = tempfile::tempdir().unwrap();
        let open = |setting| open_here(setting, folder.path());
        assert!(matches!(open("local"), Ok(Opened::Local(_))));
        assert!(matches!(
            open("UseDevelopmentStorage=true"),
            Ok(Opened::Development(_))
        ));
        assert!(matches!(
            open("UseDevelopmentStorage=true;"),
            Ok(Opened::Development(_))
        ));
        // Only an account asks for the identity.
        let account = open("https://shop.blob.core.windows.net");
        assert!(matches!(account, Err(BlobError::Unavailable(why)) if why.contains("nobody")));
    }

    #[test]
    fn anything_else_is_refused_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        for setting in [
            "",
            "Local",
            "hush",
            "http://shop.blob.core.windows.net/hush",
            "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=hush",
            "UseDevelopmentStorage=true;SharedAccessSignature=hush",
            "UseDevelopmentStorage=true;AccountKey=hush!",
            "UseDevelopmentStorage=true;BlobEndpoint=hush",
            "UseDevelopmentStorage=truehush",
        ] {
            let Err(BlobError::Broken(why)) = open_here(setting, folder.path()) else {
                panic!("{setting} is taken");
            };
            assert!(!why.contains("hush"), "{why}");
        }
    }
}
