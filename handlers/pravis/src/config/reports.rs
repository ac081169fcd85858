//! Reports: when they are made, and who gets them.

use super::{Environment, SettingError, is_loopback};
use crate::reports::webhook::Endpoint;
use crate::secrets::SecretSetting;
use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp::AsyncSmtpTransportBuilder;

const HOUR: &str = "PRAVIS_REPORT_HOUR";
const RECIPIENTS: &str = "PRAVIS_REPORT_RECIPIENTS";
const FROM: &str = "PRAVIS_MAIL_FROM";
const SMTP: &str = "PRAVIS_SMTP";
const ACS: &str = "PRAVIS_ACS_ENDPOINT";
const WEBHOOKS: &str = "PRAVIS_WEBHOOKS";
/// When reports are made, where no setting says it: before the shop opens, and after what arrives late.
const DEFAULT_HOUR: i8 = 6;
/// Most readers of each kind.
const MOST: usize = 50;

/// The settings of reports.
#[derive(Debug, Clone)]
pub struct ReportsConfig {
    /// `PRAVIS_REPORT_HOUR`: the hour of the shop's zone from which on the report on the day, week or month before is made, 0 to
    /// 23; default 6.
    pub hour: i8,
    /// Who gets reports by mail; none: nobody.
    pub mail: Option<MailConfig>,
    /// `PRAVIS_WEBHOOKS`: endpoints that are called, each `https://…|whsec_<base64>`, between commas or white space.
    pub webhooks: Option<SecretSetting>,
    /// `PRAVIS_WEBHOOKS_ALLOW_PRIVATE`: whether webhooks may go to private addresses, and over plain HTTP; default false.
    pub allow_private: bool,
}

/// Who gets reports by mail, and how.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// `PRAVIS_REPORT_RECIPIENTS`: addresses between commas.
    pub recipients: Vec<Address>,
    /// `PRAVIS_MAIL_FROM`: the sender, `reports@shop.example` or `Shop <reports@shop.example>`.
    pub from: Mailbox,
    /// By what mails travel.
    pub transport: MailTransport,
}

/// By what mails travel.
#[derive(Debug, Clone)]
pub enum MailTransport {
    /// `PRAVIS_SMTP`: a mail server, `smtps://user:password@host` or `smtp://user:password@host:587`.
    Smtp(SecretSetting),
    /// `PRAVIS_ACS_ENDPOINT`: a resource of Azure Communication Services, used as the program's identity.
    CommunicationServices(String),
}

impl ReportsConfig {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let allow_private = environment.flag("PRAVIS_WEBHOOKS_ALLOW_PRIVATE")?;
        let webhooks = environment.secret(WEBHOOKS)?;
        if let Some(SecretSetting::Plain(text)) = &webhooks {
            endpoints(text.expose(), allow_private)?;
        }
        Ok(Self {
            hour: hour(environment)?,
            mail: mail(environment)?,
            webhooks,
            allow_private,
        })
    }
}

fn hour(environment: &Environment) -> Result<i8, SettingError> {
    const TAKES: &str = "an hour of the day, 0 to 23";
    match environment.parsed(HOUR, TAKES)? {
        None => Ok(DEFAULT_HOUR),
        Some(hour @ 0..=23) => Ok(hour),
        Some(hour) => Err(SettingError::takes(HOUR, TAKES, &hour.to_string())),
    }
}

fn mail(environment: &Environment) -> Result<Option<MailConfig>, SettingError> {
    let recipients = recipients(environment.get(RECIPIENTS).unwrap_or_default())?;
    let transport = transport(environment)?;
    let from = environment.parsed(FROM, "an address such as Shop <reports@shop.example>")?;
    match (recipients.is_empty(), transport, from) {
        (true, ..) => Ok(None),
        (false, Some(transport), Some(from)) => Ok(Some(MailConfig {
            recipients,
            from,
            transport,
        })),
        (false, None, _) => Err(SettingError::new(
            RECIPIENTS,
            format!("needs {SMTP} or {ACS}, by which mails travel"),
        )),
        (false, Some(_), None) => Err(SettingError::new(
            RECIPIENTS,
            format!("needs {FROM}, the sender of the mails"),
        )),
    }
}

fn recipients(list: &str) -> Result<Vec<Address>, SettingError> {
    let named = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    let mut addresses: Vec<Address> = Vec::new();
    for (place, name) in named.enumerate() {
        let address = name.parse().map_err(|_| {
            let place = place + 1;
            SettingError::new(
                RECIPIENTS,
                format!("takes addresses between commas; number {place} is none"),
            )
        })?;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.len() > MOST {
        return Err(SettingError::new(
            RECIPIENTS,
            format!("takes at most {MOST} addresses"),
        ));
    }
    Ok(addresses)
}

fn transport(environment: &Environment) -> Result<Option<MailTransport>, SettingError> {
    match (environment.secret(SMTP)?, environment.get(ACS)) {
        (Some(_), Some(_)) => Err(SettingError::new(
            SMTP,
            format!("cannot be given together with {ACS}"),
        )),
        (Some(smtp), None) => {
            if let SecretSetting::Plain(url) = &smtp {
                mail_server(url.expose())?;
            }
            Ok(Some(MailTransport::Smtp(smtp)))
        }
        (None, Some(endpoint)) => {
            let endpoint = endpoint.trim().trim_end_matches('/');
            let safe = endpoint.starts_with("https://") || is_loopback(endpoint);
            let known = url::Url::parse(endpoint).is_ok_and(|url| url.has_host() && safe);
            let problem = "takes the address of a resource, https://<name>.communication.azure.com";
            if !known {
                return Err(SettingError::new(ACS, problem));
            }
            Ok(Some(MailTransport::CommunicationServices(endpoint.to_owned())))
        }
        (None, None) => Ok(None),
    }
}

/// The mail server of a URL. Without a word about TLS it is required: nobody sends a password in the clear by mistake.
pub(crate) fn mail_server(url: &str) -> Result<AsyncSmtpTransportBuilder, SettingError> {
    let wrong = || {
        SettingError::new(
            SMTP,
            "takes smtps://user:password@host, or smtp://user:password@host:587 (?tls=none only on a network of one's own)",
        )
    };
    let mut url = url::Url::parse(url.trim()).map_err(|_| wrong())?;
    let tls = url.query_pairs().find(|(name, _)| name == "tls");
    let tls = tls.map(|(_, value)| value.into_owned());
    let query = match (url.scheme(), tls.as_deref()) {
        ("smtp", None | Some("required")) => Some("tls=required"),
        ("smtp", Some("none")) | ("smtps", None) => None,
        _ => return Err(wrong()),
    };
    url.set_query(query);
    lettre::AsyncSmtpTransport::<lettre::Tokio1Executor>::from_url(url.as_str()).map_err(|_| wrong())
}

/// The endpoints of `PRAVIS_WEBHOOKS`. What is wrong is told without showing it.
pub(crate) fn endpoints(text: &str, allow_private: bool) -> Result<Vec<Endpoint>, SettingError> {
    let entries = text.split(|c: char| c == ',' || c.is_whitespace());
    let entries: Vec<_> = entries.filter(|entry| !entry.is_empty()).collect();
    if entries.len() > MOST {
        return Err(SettingError::new(
            WEBHOOKS,
            format!("takes at most {MOST} endpoints"),
        ));
    }
    let read = |(place, entry): (usize, &&str)| {
        Endpoint::parse(entry, allow_private)
            .map_err(|problem| SettingError::new(WEBHOOKS, format!("number {}: {problem}", place + 1)))
    };
    entries.iter().enumerate().map(read).collect()
}
