//! Who gets reports, as the settings say now.

use super::ReportError;
use super::webhook::Endpoint;
use crate::app::App;
use crate::config::{MailConfig, endpoints};
use domain::reports::{Channel, Delivery, Target};
use lettre::Address;
use uuid::Uuid;

/// Someone who gets reports.
pub(super) enum Reader<'a> {
    /// By mail.
    Mail(&'a MailConfig, Address),
    /// By a call of this endpoint.
    Webhook(Endpoint),
}

impl Reader<'_> {
    fn channel(&self) -> Channel {
        match self {
            Self::Mail(..) => Channel::Mail,
            Self::Webhook(_) => Channel::Webhook,
        }
    }

    fn target(&self) -> Target {
        match self {
            Self::Mail(_, address) => {
                let first = address.user().chars().next().unwrap_or_default();
                let shown = format!("{first}…@{}", address.domain());
                Target::new(address.as_ref(), &shown)
            }
            Self::Webhook(endpoint) => Target::new(endpoint.url.as_str(), &endpoint.shown()),
        }
    }

    fn gets(&self, delivery: &Delivery) -> bool {
        self.channel() == delivery.channel && self.target().hash == delivery.target_hash
    }
}

/// Everybody who gets reports.
pub(super) async fn all(app: &App) -> Result<Vec<Reader<'_>>, ReportError> {
    let config = &app.config().reports;
    let mut readers = Vec::new();
    if let Some(mail) = &config.mail {
        let addresses = mail.recipients.iter().cloned();
        readers.extend(addresses.map(|address| Reader::Mail(mail, address)));
    }
    if let Some(webhooks) = &config.webhooks {
        let text = app.access().secrets.of(webhooks).current().await?;
        let endpoints = endpoints(text.expose(), config.allow_private);
        let endpoints = endpoints.map_err(|error| ReportError::Setting(error.to_string()))?;
        readers.extend(endpoints.into_iter().map(Reader::Webhook));
    }
    Ok(readers)
}

/// The reader that a delivery is for, unless the settings name him no more.
pub(super) async fn of<'a>(app: &'a App, delivery: &Delivery) -> Result<Option<Reader<'a>>, ReportError> {
    let mut readers = all(app).await?.into_iter();
    Ok(readers.find(|reader| reader.gets(delivery)))
}

/// A delivery of a report to each reader.
pub(super) fn deliveries(app: &App, report: Uuid, readers: &[Reader<'_>]) -> Vec<Delivery> {
    let delivery = |reader: &Reader<'_>| {
        Delivery::new(app.new_id(), report, reader.channel(), reader.target(), app.now())
    };
    readers.iter().map(delivery).collect()
}
