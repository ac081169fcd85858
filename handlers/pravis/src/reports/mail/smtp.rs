//! Mail by a mail server.

use super::Mail;
use crate::config::mail_server;
use crate::reports::ReportError;
use crate::reports::deliver::Outcome;
use crate::secrets::Secret;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use std::time::Duration;

/// How long the server may take for one step.
const STEP: Duration = Duration::from_secs(30);
/// What a server says of a password that is wrong, or no longer right.
const NOT_AUTHENTICATED: u16 = 535;

pub(super) async fn send(server: &Secret, from: &Mailbox, mail: Mail) -> Result<Outcome, ReportError> {
    let url = server.current().await?;
    let builder = mail_server(url.expose()).map_err(|error| ReportError::Setting(error.to_string()))?;
    let domain = from.email.domain().to_owned();
    let transport: AsyncSmtpTransport<Tokio1Executor> = builder
        .hello_name(ClientId::Domain(domain))
        .timeout(Some(STEP))
        .build();
    let message = message(from, mail).map_err(|error| ReportError::Setting(error.to_string()))?;
    match transport.send(message).await {
        Ok(answer) => Ok(Outcome::taken(answer.code().into())),
        Err(error) => {
            let status: Option<u16> = error.status().map(Into::into);
            if status == Some(NOT_AUTHENTICATED) {
                server.renew().await;
            }
            Ok(failed(&error, status))
        }
    }
}

/// What a server says goes nowhere: it may repeat the address. 55x is about the mail or its reader and stays so; all else may be better
/// next time, also a wrong password.
fn failed(error: &Error, status: Option<u16>) -> Outcome {
    match status {
        Some(code @ 550..=559) => Outcome::hopeless(status, format!("the mail server refused it ({code})")),
        Some(code) => Outcome::failed(status, format!("the mail server answered {code}")),
        None if error.is_timeout() => Outcome::failed(None, "the mail server did not answer in time"),
        None if error.is_tls() => Outcome::failed(None, "the mail server offers no TLS that can be trusted"),
        None => Outcome::failed(None, "the mail server cannot be reached, or broke off"),
    }
}

fn message(from: &Mailbox, mail: Mail) -> Result<Message, lettre::error::Error> {
    let id = format!("<{}@{}>", mail.id, from.email.domain());
    let both = MultiPart::alternative_plain_html(mail.text, mail.html);
    let table = Attachment::new(mail.file).body(mail.csv, csv());
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, mail.to))
        .subject(mail.subject)
        .message_id(Some(id))
        .multipart(MultiPart::mixed().multipart(both).singlepart(table))
}

fn csv() -> ContentType {
    ContentType::parse("text/csv; charset=utf-8").unwrap_or(ContentType::TEXT_PLAIN)
}
