//! Mails: what they say, and by what they travel.

mod communication_services;
mod smtp;

use super::deliver::Outcome;
use super::place::Format;
use super::{ReportError, links};
use crate::app::App;
use crate::config::{MailConfig, MailTransport};
use domain::reports::{Delivery, Report, ReportKind};
use lettre::Address;
use uuid::Uuid;

/// One mail to one reader.
struct Mail {
    /// The same with each attempt, so that the other side can tell.
    id: Uuid,
    to: Address,
    subject: String,
    text: String,
    html: String,
    csv: String,
    /// The name of the attached table.
    file: String,
}

/// Sends the report to one address.
pub(super) async fn send(
    app: &App,
    config: &MailConfig,
    to: Address,
    delivery: &Delivery,
    report: &Report,
    html: String,
    csv: String,
) -> Result<Outcome, ReportError> {
    let mail = Mail {
        id: delivery.id,
        to,
        subject: subject(report),
        text: text(app, report),
        html,
        csv,
        file: Format::Csv.file_name(report),
    };
    match &config.transport {
        MailTransport::Smtp(server) => {
            let server = app.access().secrets.of(server);
            smtp::send(&server, &config.from, mail).await
        }
        MailTransport::CommunicationServices(endpoint) => {
            communication_services::send(app, endpoint, &config.from, mail).await
        }
    }
}

/// `Weekly report 2026-W46: 1,234 turns, …`, in one line.
fn subject(report: &Report) -> String {
    let kind = match report.kind {
        ReportKind::Daily => "Daily",
        ReportKind::Weekly => "Weekly",
        ReportKind::Monthly => "Monthly",
    };
    let headline = report.headline.as_deref().unwrap_or_default();
    let subject = format!("{kind} report {}: {headline}", report.period);
    let subject: String = subject
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    subject.trim_end_matches([' ', ':']).to_owned()
}

/// The mail for readers that show no HTML.
fn text(app: &App, report: &Report) -> String {
    let mut text = format!("{}\n\n", subject(report));
    if let Some(links) = links(app, report) {
        text.push_str(&format!("The whole report: {}\n", links.html));
    }
    text.push_str(&format!(
        "Every figure is in the table {}, which is attached.\n",
        Format::Csv.file_name(report)
    ));
    text
}
