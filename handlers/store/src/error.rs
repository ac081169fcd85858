//! Why the store did not do what was asked.

/// A failure of the store; what a client did wrong is an outcome, not an error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or is too busy; the same call may work later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database did not answer within the deadline of the call.
    #[error("the database did not answer in time")]
    DeadlineExceeded,
    /// The database was made by a program so much newer that this one must not touch it.
    #[error(
        "this database needs a program that knows migration {needed} or later, this one knows {known}: install a newer release"
    )]
    TooNew {
        /// The oldest migration that a program must know.
        needed: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// What is stored cannot be read, or a statement is wrong: a defect, here or in the file.
    #[error("the database holds what it should not, or a statement failed: {0}")]
    Broken(String),
}
