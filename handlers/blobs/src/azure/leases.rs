//! Leases.

use super::AzureStorage;
use super::calls::{Call, Target};
use super::failure::Failure;
use crate::{BlobError, BlobName, Container, Lease};
use azure_storage_blob::models::BlobClientAcquireLeaseOptions;
use std::time::Duration;
use uuid::Uuid;

impl AzureStorage {
    pub(super) async fn acquire(
        &self,
        container: Container,
        name: &BlobName,
        length: Duration,
    ) -> Result<Option<Lease>, BlobError> {
        let client = self.blob_client(container, name);
        // Ours, so that a second attempt finds its own lease.
        let id = Uuid::new_v4().to_string();
        let call = Call::new("acquire lease", Target::Blob(container));
        let send = || {
            let options = BlobClientAcquireLeaseOptions {
                proposed_lease_id: Some(id.clone()),
                ..BlobClientAcquireLeaseOptions::default()
            };
            client.acquire_lease(whole_seconds(length), Some(options))
        };
        match self.call(&call, send).await {
            Ok(_) => Ok(Some(Lease { id })),
            Err(failure) if failure.has_code("LeaseAlreadyPresent") => Ok(None),
            Err(failure) if failure.is_no_blob() => Err(BlobError::Broken(
                "a blob that does not exist has no lease".to_owned(),
            )),
            Err(failure) => Err(failure.into_error(&call.target)),
        }
    }

    pub(super) async fn release(
        &self,
        container: Container,
        name: &BlobName,
        lease: &Lease,
    ) -> Result<(), BlobError> {
        let client = self.blob_client(container, name);
        let call = Call::new("release lease", Target::Blob(container));
        match self
            .call(&call, || client.release_lease(lease.id.clone(), None))
            .await
        {
            Ok(_) => Ok(()),
            // It has ended, and maybe another one has it, or the blob is gone.
            Err(Failure::Answer {
                status: 409 | 412, ..
            }) => Ok(()),
            Err(failure) if failure.is_no_blob() => Ok(()),
            Err(failure) => Err(failure.into_error(&call.target)),
        }
    }
}

/// In the account's unit, rounded up.
pub(super) fn whole_seconds(time: Duration) -> i32 {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}
