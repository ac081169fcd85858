//! Upload grants: a shared access signature, by a key that the account gives to our identity for a while.

use super::AzureStorage;
use super::calls::{Call, Target};
use super::shared_key::AccountKey;
use crate::{BlobError, BlobName, Container, UploadGrant, UploadTerms};
use azure_core::time::{Duration, OffsetDateTime};
use azure_storage_blob::models::KeyInfo;
use azure_storage_common::models::UserDelegationKey;
use azure_storage_sas::{SasBuilder, SasProtocol};
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

impl AzureStorage {
    pub(super) async fn grant(
        &self,
        container: Container,
        name: &BlobName,
        terms: UploadTerms,
    ) -> Result<UploadGrant, BlobError> {
        let ends = OffsetDateTime::from_unix_timestamp(terms.until.as_second())
            .map_err(|error| BlobError::Broken(error.to_string()))?;
        let query = match &self.inner.signer {
            Signer::Shared(key) => key.upload_query(container, name, terms.until),
            Signer::Delegated(kept) => {
                let mut kept = kept.lock().await;
                if kept.as_ref().is_none_or(|key| key.signed_expiry <= Some(ends)) {
                    *kept = Some(self.delegation_key().await?);
                }
                let key = kept.clone().unwrap_or_default();
                SasBuilder::new(&self.inner.account, &key, ends)
                    .map_err(|error| BlobError::Broken(error.to_string()))?
                    .protocol(SasProtocol::Https)
                    .blob(container.as_str(), name.as_str())
                    .create()
                    .write()
                    .build()
            }
        };
        let mut url = self.blob_client(container, name).url().clone();
        url.set_query(Some(&query));
        Ok(UploadGrant {
            method: "PUT",
            url: url.into(),
            headers: BTreeMap::from([("x-ms-blob-type".to_owned(), "BlockBlob".to_owned())]),
            until: terms.until,
        })
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
