//! Why a blob or a message could not be had.

/// A failure of storage. What is not there is an outcome (`None`, `false`), not an error.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// Storage cannot be reached, or is too busy; the same call may work later.
    #[error("storage is not available: {0}")]
    Unavailable(String),
    /// The identity lacks a right; the text names the role that gives it.
    #[error("storage refuses the identity: {0}")]
    Forbidden(String),
    /// The condition does not hold, or another one holds the lease: someone else was faster.
    #[error("the blob is not what the condition says")]
    ConditionNotMet,
    /// The asked range begins after the end of the blob.
    #[error("the blob ends at {length}, before the asked range")]
    RangeNotSatisfiable {
        /// Length of the blob in bytes.
        length: u64,
    },
    /// What is stored, or what was sent, cannot be read.
    #[error("{0}")]
    Broken(String),
}

/// Errors of the local folder, and of bodies that are read from files.
impl From<std::io::Error> for BlobError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::PermissionDenied => {
                Self::Forbidden(format!("the folder's permissions: {error}"))
            }
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
