//! Why a trigger failed.

use std::error::Error;
use std::fmt;

/// Any error, on its way into the log. The host learns only that there was one, and tries again by its rules.
pub struct TriggerError(Box<dyn Error + Send + Sync>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for TriggerError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The error and its causes in one line.
impl fmt::Display for TriggerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for TriggerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
