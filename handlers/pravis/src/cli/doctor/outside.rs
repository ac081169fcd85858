//! What the program talks to beside its database: mail, the language service, telemetry. Nothing is sent to any of them.

use super::Finding;
use crate::access::Access;
use crate::config::{Config, MailConfig, MailTransport, mail_server};
use crate::secrets::SecretSetting;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use reqwest::redirect::Policy;
use std::time::Duration;
use url::Url;

/// How long one of them may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tries each that the settings name.
pub(super) async fn outside(config: &Config, access: &Access) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(mail) = &config.reports.mail {
        findings.push(match &mail.transport {
            MailTransport::Smtp(setting) => smtp(setting, mail, access).await,
            MailTransport::CommunicationServices(endpoint) => {
                answers("mail", endpoint, "check PRAVIS_ACS_ENDPOINT, and the network").await
            }
        });
    }
    if let Some(language) = &config.language {
        let advice = "check PRAVIS_LANGUAGE_ENDPOINT, and the network";
        findings.push(answers("language", &language.endpoint, advice).await);
    }
    let telemetry = &config.telemetry;
    // Without a connection string a collector is used.
    let spans = match &telemetry.connection_string {
        Some(_) => telemetry.ingestion_endpoint(),
        None => telemetry.otlp_endpoint.as_deref(),
    };
    let facts = telemetry.logs.as_ref().map(|logs| logs.endpoint.as_str());
    for endpoint in spans.into_iter().chain(facts) {
        let advice = "check the address in the settings of telemetry, and the network";
        findings.push(answers("telemetry", endpoint, advice).await);
    }
    findings
}

/// Whether an endpoint answers anything over TLS. Only what may be shown of its address is.
async fn answers(name: &'static str, endpoint: &str, advice: &'static str) -> Finding {
    let shown = Url::parse(endpoint).map(|url| url.origin().ascii_serialization());
    let shown = shown.unwrap_or_else(|_| "its address".to_owned());
    let tried = async {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .build()?;
        client.get(endpoint).send().await
    };
    match tried.await {
        Ok(_) => Finding::good(name, format!("{shown} answers")),
        Err(error) if error.is_timeout() => {
            let detail = format!("{shown} does not answer within {} s", PATIENCE.as_secs());
            Finding::bad(name, detail, advice)
        }
        Err(error) if error.is_connect() => Finding::bad(name, format!("{shown} cannot be reached"), advice),
        Err(error) => Finding::bad(name, format!("{shown}: {}", error.without_url()), advice),
    }
}

/// Whether the mail server is there, can be trusted, and lets the program in. No mail is begun.
async fn smtp(setting: &SecretSetting, mail: &MailConfig, access: &Access) -> Finding {
    const NAME: &str = "mail";
    let url = match access.secrets.of(setting).current().await {
        Ok(url) => url,
        Err(error) => return Finding::bad(NAME, &error, error.reason.advice()),
    };
    let builder = match mail_server(url.expose()) {
        Ok(builder) => builder,
        Err(error) => return Finding::bad(NAME, error, "mend what the secret of PRAVIS_SMTP holds"),
    };
    let transport: AsyncSmtpTransport<Tokio1Executor> = builder
        .hello_name(ClientId::Domain(mail.from.email.domain().to_owned()))
        .timeout(Some(PATIENCE))
        .build();
    let tried = tokio::time::timeout(PATIENCE, transport.test_connection()).await;
    let advice = "check PRAVIS_SMTP, the port, and the network";
    match tried {
        Ok(Ok(true)) => Finding::good(NAME, "the mail server answers, and lets the program in"),
        Ok(Ok(false)) => Finding::bad(NAME, "the mail server ends the connection", advice),
        Ok(Err(error)) => Finding::bad(NAME, why(&error), advice),
        Err(_) => Finding::bad(NAME, "the mail server does not answer in time", advice),
    }
}

/// What a server says goes nowhere: it may repeat the user.
fn why(error: &Error) -> String {
    match error.status().map(u16::from) {
        Some(code @ (530 | 534 | 535)) => format!("the mail server refuses user or password ({code})"),
        Some(code) => format!("the mail server answers {code}"),
        None if error.is_timeout() => "the mail server does not answer in time".to_owned(),
        None if error.is_tls() => "the mail server offers no TLS that can be trusted".to_owned(),
        None => "the mail server cannot be reached, or breaks off".to_owned(),
    }
}
