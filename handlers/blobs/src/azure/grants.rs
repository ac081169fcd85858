//! Grants: a shared access signature, by a key that the account gives to our identity for a while.

use super::AzureStorage;
use super::calls::{Call, Target};
use super::shared_key::AccountKey;
use crate::{BlobError, BlobName, Container, UploadGrant, UploadTerms};
use azure_core::time::{Duration, OffsetDateTime};
use azure_storage_blob::models::KeyInfo;
use azure_storage_common::models::UserDelegationKey;
use azure_storage_sas::{SasBuilder, SasProtocol};
use jiff::Timestamp;
use std::collections::BTreeMap;
use tokio::sync::Mutex;

/// How long a delegation key is asked for: longer than any grant. The account gives 7 days at most.
const KEY_LIFE: Duration = Duration::days(2);
/// How far our clock may be ahead of the account's.
const CLOCKS: Duration = Duration::minutes(5);

/// What signs grants.
pub(super) enum Signer {
    /// A key of the account's, kept until it would end before a grant does.
    Delegated(Mutex<Option<UserDelegationKey>>),
    /// The account's own key: Azurite only.
    Shared(AccountKey),
}

impl Signer {
    pub(super) fn delegated() -> Self {
        Self::Delegated(Mutex::new(None))
    }
}

/// What a grant lets its holder do.
#[derive(Clone, Copy)]
pub(super) enum Leave {
    Read,
    Upload,
}

impl Leave {
    /// As letters of a signature.
    fn letters(self) -> &'static str {
        match self {
            Self::Read => "r",
            Self::Upload => "cw",
        }
    }
}

impl AzureStorage {
    pub(super) async fn grant(
        &self,
        container: Container,
        name: &BlobName,
        terms: UploadTerms,
    ) -> Result<UploadGrant, BlobError> {
        Ok(UploadGrant {
            method: "PUT",
            url: self
                .signed_url(container, name, Leave::Upload, terms.until)
                .await?,
            headers: BTreeMap::from([("x-ms-blob-type".to_owned(), "BlockBlob".to_owned())]),
            until: terms.until,
        })
    }

    /// The URL of a blob with the signature that lets its holder do so until then.
    pub(super) async fn signed_url(
        &self,
        container: Container,
        name: &BlobName,
        leave: Leave,
        until: Timestamp,
    ) -> Result<String, BlobError> {
        let query = match &self.inner.signer {
            Signer::Shared(key) => key.blob_query(container, name, leave.letters(), until),
            Signer::Delegated(kept) => {
                let ends = OffsetDateTime::from_unix_timestamp(until.as_second())
                    .map_err(|error| BlobError::Broken(error.to_string()))?;
                let mut kept = kept.lock().await;
                if kept.as_ref().is_none_or(|key| key.signed_expiry <= Some(ends)) {
                    *kept = Some(self.delegation_key().await?);
                }
                let key = kept.clone().unwrap_or_default();
                let signature = SasBuilder::new(&self.inner.account, &key, ends)
                    .map_err(|error| BlobError::Broken(error.to_string()))?
                    .protocol(SasProtocol::Https)
                    .blob(container.as_str(), name.as_str());
                match leave {
                    Leave::Read => signature.read().build(),
                    Leave::Upload => signature.create().write().build(),
                }
            }
        };
        let mut url = self.blob_client(container, name).url().clone();
        url.set_query(Some(&query));
        Ok(url.into())
    }

    async fn delegation_key(&self) -> Result<UserDelegationKey, BlobError> {
        let now = OffsetDateTime::now_utc();
        let call = Call::new("get delegation key", Target::Delegation);
        let send = || async {
            let wanted = KeyInfo {
                start: Some(now - CLOCKS),
                expiry: Some(now + KEY_LIFE),
                ..KeyInfo::default()
            };
            let answer = self.inner.blobs.get_user_delegation_key(wanted.try_into()?, None);
            answer.await?.into_model()
        };
        let key = self.call(&call, send).await;
        key.map_err(|failure| failure.into_error(&call.target))
    }
}
