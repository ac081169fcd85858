//! How media come in and get out: uploads that are checked while they come, addresses, headers, and what is removed.

pub(crate) mod address;
pub mod disposition;
pub(crate) mod purge;
pub(crate) mod range;
pub(crate) mod receive;
pub(crate) mod remove;

use crate::error::ApiError;
use blobs::{BlobError, BlobName, Container};
use domain::media::Kind;

impl From<BlobError> for ApiError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Unavailable(_) => {
                tracing::error!(%error, "the storage is not available");
                Self::StoreUnavailable("try again later".to_owned())
            }
            BlobError::RangeNotSatisfiable { length } => Self::RangeNotSatisfiable { length },
            other => Self::Internal(other.to_string()),
        }
    }
}

/// Where the outputs of a kind are.
pub fn container_of(kind: Kind) -> Container {
    if kind.is_public() {
        Container::Media
    } else {
        Container::Private
    }
}

/// The name of a blob that a record names: always one that was taken before.
pub(crate) fn blob_name(name: &str) -> Result<BlobName, ApiError> {
    BlobName::new(name).map_err(ApiError::from)
}
