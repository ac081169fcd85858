//! What a call of the account can end with, and what that means to the program.

use super::calls::Target;
use crate::BlobError;
use azure_core::error::ErrorKind;
use std::error::Error;

/// Why a call gave no answer that it was made for.
#[derive(Debug)]
pub(super) enum Failure {
    /// The account answered with this status and error code.
    Answer { status: u16, code: String },
    /// The request never left.
    Unreachable(String),
    /// Nobody knows whether the request was done.
    Interrupted(String),
    /// The time was up.
    Slow,
    /// There is no token.
    NoToken(String),
    /// The answer cannot be understood.
    Strange(String),
}

impl From<azure_core::Error> for Failure {
    fn from(error: azure_core::Error) -> Self {
        match error.kind() {
            ErrorKind::HttpResponse {
                status, error_code, ..
            } => Self::Answer {
                status: u16::from(*status),
                code: error_code.clone().unwrap_or_default(),
            },
            ErrorKind::Connection => Self::Unreachable(root_of(&error)),
            ErrorKind::Io => Self::Interrupted(root_of(&error)),
            ErrorKind::Credential => Self::NoToken(root_of(&error)),
            _ => Self::Strange(root_of(&error)),
        }
    }
}

/// The innermost reason, which is the clearest; those around it repeat the address.
fn root_of(error: &dyn Error) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}

impl Failure {
    pub(super) fn has_code(&self, wanted: &str) -> bool {
        matches!(self, Self::Answer { code, .. } if code == wanted)
    }

    /// There is no such blob, which is an outcome. That the container is missing is none.
    pub(super) fn is_no_blob(&self) -> bool {
        match self {
            Self::Answer { status: 404, code } => code == "BlobNotFound",
            _ => false,
        }
    }

    /// Not what went wrong, but what the call found: no failed dependency.
    pub(super) fn is_outcome(&self) -> bool {
        matches!(
            self,
            Self::Answer {
                status: 404 | 409 | 412 | 416,
                ..
            }
        ) && !self.is_no_container()
    }

    fn is_no_container(&self) -> bool {
        self.has_code("ContainerNotFound") || self.has_code("QueueNotFound")
    }

    /// For telemetry: a word, never a text.
    pub(super) fn code(&self) -> &str {
        match self {
            Self::Answer { code, .. } => code,
            Self::Unreachable(_) => "unreachable",
            Self::Interrupted(_) => "interrupted",
            Self::Slow => "timeout",
            Self::NoToken(_) => "no_token",
            Self::Strange(_) => "strange",
        }
    }

    /// Whether the same call may work in a moment, without being done twice unless that does no harm.
    pub(super) fn may_pass(&self, repeatable: bool) -> bool {
        match self {
            Self::Unreachable(_) | Self::NoToken(_) => true,
            // Busy: it was not done.
            Self::Answer {
                status: 429 | 503, ..
            } => true,
            Self::Answer {
                status: 408 | 500 | 502 | 504,
                ..
            } => repeatable,
            Self::Interrupted(_) | Self::Slow => repeatable,
            Self::Answer { .. } | Self::Strange(_) => false,
        }
    }

    /// What the program is told.
    pub(super) fn into_error(self, target: &Target) -> BlobError {
        match self {
            Self::Answer { status, code } => answered(status, &code, target),
            Self::Unreachable(why) | Self::Interrupted(why) => BlobError::Unavailable(why),
            Self::Slow => BlobError::Unavailable("it did not answer in time".to_owned()),
            Self::NoToken(why) => BlobError::Unavailable(format!("there is no token for it: {why}")),
            Self::Strange(why) => BlobError::Broken(format!("storage answers what cannot be read: {why}")),
        }
    }
}

fn answered(status: u16, code: &str, target: &Target) -> BlobError {
    let place = match target {
        Target::Blob(container) => format!("the container {}", container.as_str()),
        Target::Delegation => "the account".to_owned(),
        Target::Queue(queue) => format!("the queue {queue}"),
    };
    match (status, code) {
        (_, "ContainerNotFound" | "QueueNotFound" | "ResourceNotFound") => {
            BlobError::Broken(format!("{place} does not exist"))
        }
        // The blocks are gone because someone else's were committed first.
        (412, _) | (409, "BlobAlreadyExists") | (400, "InvalidBlockList") => BlobError::ConditionNotMet,
        (409, code) if code.starts_with("Lease") => BlobError::ConditionNotMet,
        (409, "ContainerBeingDeleted" | "QueueBeingDeleted") => {
            BlobError::Unavailable(format!("{place} is being deleted"))
        }
        (_, "AuthorizationFailure") => BlobError::Forbidden(format!(
            "{place} cannot be reached from here: the account's network rules ({code})"
        )),
        (_, "AuthorizationPermissionMismatch" | "InsufficientAccountPermissions") => {
            BlobError::Forbidden(format!("for {place} it needs the role {} ({code})", role(target)))
        }
        (401 | 403, _) => BlobError::Forbidden(format!(
            "{place} takes neither its token nor its key ({code}); its role would be {}",
            role(target)
        )),
        (408 | 429 | 500.., _) => BlobError::Unavailable(format!("it answers {status} {code}")),
        _ => BlobError::Broken(format!("{place} answers {status} {code}")),
    }
}

/// The built-in role that the call asks for.
fn role(target: &Target) -> &'static str {
    match target {
        Target::Blob(_) => "Storage Blob Data Contributor",
        Target::Delegation => "Storage Blob Delegator",
        Target::Queue(_) => "Storage Queue Data Contributor",
    }
}
