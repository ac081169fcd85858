//! Reports that come by themselves: made once a period, stored, and sent to whom the settings name.
//!
//! `schedule` decides what is due, `make` makes and stores it, `deliver` sends it, one queue message a reader, and `unfinished` finds
//! what a killed process left behind.

pub mod content;
mod deliver;
mod mail;
mod make;
mod message;
mod place;
mod public;
mod readers;
mod resend;
mod schedule;
mod unfinished;
pub(crate) mod webhook;

pub use deliver::{Delivered, deliver};
pub use make::{Made, ask};
pub use message::Message;
pub use place::{Format, document};
pub use public::is_public;
pub use resend::resend;
pub use schedule::{Scheduled, run};
pub use webhook::signature;

use crate::app::App;
use crate::error::ApiError;
use crate::secrets::SecretError;
use blobs::BlobError;
use content::ContentError;
use domain::Faults;
use domain::reports::{Report, ReportKind};
use jiff::civil::Date;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};
use store::StoreError;
use utoipa::ToSchema;

/// Why a report could not be made, or not be sent.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says it")]
pub enum ReportError {
    #[error(transparent)]
    Faults(#[from] Faults),
    #[error("the store is not available: {0}")]
    NoStore(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Storage(#[from] BlobError),
    #[error(transparent)]
    Content(#[from] ContentError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("{0}")]
    Setting(String),
    #[error("it was not made within {0} s")]
    TooSlow(u64),
    #[error("another process makes it now")]
    TakenOver,
}

impl From<ReportError> for ApiError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Faults(faults) => Self::Faults(faults),
            ReportError::NoStore(why) => Self::StoreUnavailable(why),
            ReportError::Store(error) | ReportError::Content(ContentError::Store(error)) => error.into(),
            ReportError::Storage(BlobError::Unavailable(_)) => {
                tracing::error!(%error, "a report cannot be stored");
                Self::StoreUnavailable("try again later".to_owned())
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

/// Where the documents of a report are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Links {
    /// The page.
    pub html: String,
    /// The JSON document.
    pub json: String,
    /// The table.
    pub csv: String,
}

/// Where the documents of a report are, for who has a key; none when nobody knows the program's address.
pub fn links(app: &App, report: &Report) -> Option<Links> {
    let url = app.config().host.public_url.as_ref()?;
    let link = |format: Format| format!("{url}/api/v1/reports/{}/{}", report.id, format.as_str());
    Some(Links {
        html: link(Format::Html),
        json: link(Format::Json),
        csv: link(Format::Csv),
    })
}

/// What this process keeps for reports.
#[derive(Default)]
pub(crate) struct Reporting {
    /// Periods whose report is made, so that nobody is asked again.
    done: Mutex<HashMap<ReportKind, Date>>,
    /// Calls webhooks.
    webhooks: OnceLock<reqwest::Client>,
    /// Calls Azure Communication Services.
    azure: OnceLock<reqwest::Client>,
}

impl Reporting {
    fn is_done(&self, kind: ReportKind, first: Date) -> bool {
        let done = self.done.lock().ok();
        done.is_some_and(|done| done.get(&kind) == Some(&first))
    }

    fn note_done(&self, kind: ReportKind, first: Date) {
        if let Ok(mut done) = self.done.lock() {
            done.insert(kind, first);
        }
    }
}

/// The client in its place; made with the first call, since reading the certificates of the system takes a while.
fn client(
    place: &OnceLock<reqwest::Client>,
    make: impl FnOnce() -> reqwest::ClientBuilder,
) -> Result<reqwest::Client, ReportError> {
    if let Some(client) = place.get() {
        return Ok(client.clone());
    }
    let made = make().user_agent(crate::version::USER_AGENT).build();
    let made = made.map_err(|error| ReportError::Setting(error.without_url().to_string()))?;
    Ok(place.get_or_init(|| made).clone())
}
