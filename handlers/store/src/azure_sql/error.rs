//! What can go wrong between here and the server, before it becomes a `StoreError`.

use super::advice;
use super::retry::{self, Cause, Phase, Verdict};
use crate::StoreError;
use std::io::ErrorKind;

/// Why a round trip did not give an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SqlError {
    /// A row with the same key is there already (2601, 2627).
    #[error("a row with the same key exists")]
    Duplicate,
    /// The server, or the way to it, failed.
    #[error("{message}")]
    Failed {
        phase: Phase,
        cause: Cause,
        /// For people; without values of rows.
        message: String,
    },
    /// The deadline passed while the server was silent.
    #[error("the database did not answer in time")]
    Deadline,
    /// It makes no sense to try again: settings, a closed store, a row that cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SqlError {
    /// What the driver says, when connecting or when a statement ran.
    pub(super) fn of(phase: Phase, error: &tiberius::error::Error) -> Self {
        use tiberius::error::Error;
        match error {
            Error::Server(error) if matches!(error.code(), 2601 | 2627) => Self::Duplicate,
            Error::Server(error) => Self::Failed {
                phase,
                cause: Cause::Server(error.code()),
                message: advice::of_server(error),
            },
            Error::Io { kind, message } => Self::lost(phase, *kind, message),
            Error::Tls(message) => StoreError::Unavailable(format!("TLS failed: {message}")).into(),
            Error::Routing { .. } => Self::lost(phase, ErrorKind::Other, "redirected more than once"),
            // What is no TDS is another kind of server, before a login as well as in the middle of an answer.
            other if phase == Phase::Connect => {
                StoreError::Unavailable(format!("cannot log in: {other}")).into()
            }
            other => StoreError::Broken(other.to_string()).into(),
        }
    }

    /// The connection went away, or could not be made.
    pub(super) fn lost(phase: Phase, kind: ErrorKind, message: &str) -> Self {
        let what = match phase {
            Phase::Connect => "cannot connect",
            Phase::Statement => "the connection was lost",
        };
        Self::Failed {
            phase,
            cause: Cause::Lost(kind),
            message: format!("{what}: {message}"),
        }
    }

    /// The same, with what was being done in front.
    pub(super) fn during(mut self, what: &str) -> Self {
        if let Self::Failed { message, .. } = &mut self {
            message.insert_str(0, &format!("{what}: "));
        }
        self
    }

    /// The number that the server gave.
    pub(super) fn number(&self) -> Option<u32> {
        match self {
            Self::Failed {
                cause: Cause::Server(number),
                ..
            } => Some(*number),
            _ => None,
        }
    }
}

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Deadline => Self::DeadlineExceeded,
            SqlError::Store(error) => error,
            SqlError::Duplicate => Self::Broken(error.to_string()),
            SqlError::Failed {
                phase,
                cause,
                message,
            } => match cause {
                Cause::Server(number) if phase == Phase::Statement && advice::is_defect(number) => {
                    Self::Broken(message)
                }
                _ => Self::Unavailable(message),
            },
        }
    }
}

impl SqlError {
    /// Whether the server said that nothing was done.
    pub(super) fn says_undone(&self) -> bool {
        match self {
            Self::Duplicate => true,
            Self::Failed { phase, cause, .. } => retry::classify(*phase, *cause) != Verdict::RetryIfSafe,
            Self::Deadline | Self::Store(_) => false,
        }
    }
}
