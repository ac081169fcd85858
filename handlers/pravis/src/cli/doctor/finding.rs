//! What was found.

use serde::Serialize;
use std::fmt;

/// How one thing stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) name: &'static str,
    pub(super) ok: bool,
    pub(super) detail: String,
    /// What to do about it.
    pub(super) advice: Option<&'static str>,
}

impl Finding {
    pub(super) fn good(name: &'static str, detail: impl fmt::Display) -> Self {
        Self {
            name,
            ok: true,
            detail: detail.to_string(),
            advice: None,
        }
    }

    pub(super) fn bad(name: &'static str, detail: impl fmt::Display, advice: &'static str) -> Self {
        Self {
            name,
            ok: false,
            detail: detail.to_string(),
            advice: Some(advice),
        }
    }
}

/// One line, whatever the detail holds.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.ok { "ok " } else { "BAD" };
        write!(
            f,
            "{mark} {:<9} {}",
            self.name,
            self.detail.replace(['\r', '\n'], " ")
        )?;
        self.advice.map_or(Ok(()), |advice| write!(f, ": {advice}"))
    }
}
