//! A developer's storage: Azurite, by the connection string that Microsoft's tools take.

use super::grants::Signer;
use super::shared_key::AccountKey;
use super::{AzureOptions, AzureStorage, parse};
use crate::BlobError;
use std::sync::Arc;

/// Every Azurite has this account, with this key: both are in its documentation, and no secret.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

impl AzureStorage {
    /// What every connection string of Azurite begins with.
    pub const DEVELOPMENT: &str = "UseDevelopmentStorage=true";

    /// Azurite, by shared key: `UseDevelopmentStorage=true`, with `;`-separated `AccountName`, `AccountKey`, `BlobEndpoint`
    /// and `QueueEndpoint` where they are not Azurite's own. No other connection string is taken: keys of real accounts
    /// have no place here.
    pub fn development(connection: &str, options: AzureOptions) -> Result<Self, BlobError> {
        let refused = |what: &str| BlobError::Broken(format!("the connection string of Azurite {what}"));
        let mut parts = connection.trim().trim_end_matches(';').split(';');
        if parts.next() != Some(Self::DEVELOPMENT) {
            return Err(refused("begins with UseDevelopmentStorage=true"));
        }
        let (mut account, mut key, mut blobs, mut queues) = (ACCOUNT, KEY, None, None);
        for part in parts {
            match part.split_once('=') {
                Some(("AccountName", value)) => account = value,
                Some(("AccountKey", value)) => key = value,
                Some(("BlobEndpoint", value)) => blobs = Some(value.to_owned()),
                Some(("QueueEndpoint", value)) => queues = Some(value.to_owned()),
                // Without the value, which may be a secret.
                _ => return Err(refused("holds a part that is not known")),
            }
        }
        let endpoint = |port: u16| format!("http://127.0.0.1:{port}/{account}");
        let key = AccountKey::new(account, key)?;
        Self::build(
            parse(&blobs.unwrap_or_else(|| endpoint(10_000)))?,
            parse(&queues.unwrap_or_else(|| endpoint(10_001)))?,
            None,
            vec![Arc::new(key.clone())],
            Signer::Shared(key),
            options,
        )
    }
}
