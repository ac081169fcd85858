//! Where telemetry goes, and how much of it.

use super::{Environment, SettingError};
use azure_core::credentials::Secret;
use std::net::IpAddr;
use uuid::Uuid;

const CONNECTION_STRING: &str = "APPLICATIONINSIGHTS_CONNECTION_STRING";
const AUTHENTICATION_STRING: &str = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

/// The settings of telemetry.
#[derive(Debug, Clone)]
pub struct TelemetryConfig {
    /// `APPLICATIONINSIGHTS_CONNECTION_STRING`: the Application Insights component; default: none.
    pub connection_string: Option<Secret>,
    /// `APPLICATIONINSIGHTS_AUTHENTICATION_STRING`: `Authorization=AAD`, with `ClientId=…` for a user-assigned identity,
    /// when the component takes Entra tokens only; default: none is sent.
    pub authentication: Option<Authentication>,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: a collector that takes OTLP over HTTP; used without a connection string.
    pub otlp_endpoint: Option<String>,
    /// `PRAVIS_TELEMETRY_SAMPLING`: the share, 0 to 1, of quick and successful requests that is sent; all others always
    /// are. Default 0.1 for Application Insights, which is told the rate and counts right, and 1 for a collector, which
    /// samples by itself.
    pub sampling: Option<f64>,
    /// `PRAVIS_LOGS_ENDPOINT` and `PRAVIS_LOGS_RULE_ID`: where facts of finished turns go; default: nowhere.
    pub logs: Option<LogsConfig>,
    /// `WEBSITE_INSTANCE_ID` or `CONTAINER_NAME`: tells this instance from others; default: made up at each start.
    pub instance: Option<String>,
}

/// Who asks for the tokens of Application Insights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authentication {
    /// The client id of a user-assigned identity.
    pub client_id: Option<Uuid>,
}

/// The Logs Ingestion API of a data collection rule.
#[derive(Debug, Clone)]
pub struct LogsConfig {
    /// Its address, without a slash at its end.
    pub endpoint: String,
    /// The immutable id of the rule.
    pub rule_id: String,
}

impl TelemetryConfig {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let text = |name| environment.get(name).map(str::to_owned);
        let connection_string = environment.get(CONNECTION_STRING);
        connection_string.map(check_connection_string).transpose()?;
        let authentication = environment.get(AUTHENTICATION_STRING);
        Ok(Self {
            connection_string: connection_string.map(|value| Secret::new(value.to_owned())),
            authentication: authentication.map(authentication_of).transpose()?,
            otlp_endpoint: address(environment, "OTEL_EXPORTER_OTLP_ENDPOINT")?,
            sampling: sampling(environment)?,
            logs: logs(environment)?,
            instance: text("WEBSITE_INSTANCE_ID").or_else(|| text("CONTAINER_NAME")),
        })
    }

    /// The address in the connection string, if it names one.
    pub(crate) fn ingestion_endpoint(&self) -> Option<&str> {
        let text = self.connection_string.as_ref()?.secret();
        fields(text).find_map(|(name, value)| name.eq_ignore_ascii_case("IngestionEndpoint").then_some(value))
    }
}

/// The members of `name=value;name=value`.
fn fields(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(';')
        .filter_map(|field| field.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim()))
}

/// The value is never told: whoever has it can send telemetry.
fn check_connection_string(text: &str) -> Result<(), SettingError> {
    let has = |wanted: &str| fields(text).any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    if has("Authorization") {
        let problem =
            format!("must not hold `Authorization`: set {AUTHENTICATION_STRING} to `Authorization=AAD`");
        return Err(SettingError::new(CONNECTION_STRING, problem));
    }
    if !has("InstrumentationKey") {
        let problem = "takes `InstrumentationKey=…;IngestionEndpoint=https://…`, as the component shows it";
        return Err(SettingError::new(CONNECTION_STRING, problem));
    }
    Ok(())
}

fn authentication_of(text: &str) -> Result<Authentication, SettingError> {
    let field = |wanted: &str| {
        fields(text).find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then_some(value))
    };
    if !field("Authorization").is_some_and(|value| value.eq_ignore_ascii_case("AAD")) {
        let problem = "takes `Authorization=AAD`, or `ClientId=…;Authorization=AAD`";
        return Err(SettingError::new(AUTHENTICATION_STRING, problem));
    }
    let client_id = field("ClientId").map(str::parse).transpose();
    let client_id = client_id.map_err(|_| {
        SettingError::new(
            AUTHENTICATION_STRING,
            "takes a GUID as `ClientId`: that of a user-assigned identity",
        )
    })?;
    Ok(Authentication { client_id })
}

fn sampling(environment: &Environment) -> Result<Option<f64>, SettingError> {
    let name = "PRAVIS_TELEMETRY_SAMPLING";
    let takes = "a share from 0 to 1";
    let ratio: Option<f64> = environment.parsed(name, takes)?;
    match ratio {
        Some(ratio) if !(0.0..=1.0).contains(&ratio) => {
            Err(SettingError::new(name, format!("takes {takes}, not `{ratio}`")))
        }
        ratio => Ok(ratio),
    }
}

fn logs(environment: &Environment) -> Result<Option<LogsConfig>, SettingError> {
    let (endpoint, rule_id) = ("PRAVIS_LOGS_ENDPOINT", "PRAVIS_LOGS_RULE_ID");
    let address = address(environment, endpoint)?;
    // A token goes there: in the clear it may go no further than this machine.
    if address
        .as_ref()
        .is_some_and(|url| !url.starts_with("https://") && !is_loopback(url))
    {
        return Err(SettingError::new(
            endpoint,
            "takes an address that begins with https://",
        ));
    }
    match (address, environment.get(rule_id)) {
        (Some(endpoint), Some(rule_id)) => Ok(Some(LogsConfig {
            endpoint,
            rule_id: rule_id.to_owned(),
        })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(SettingError::new(rule_id, format!("is needed with {endpoint}"))),
        (None, Some(_)) => Err(SettingError::new(endpoint, format!("is needed with {rule_id}"))),
    }
}

/// An address without a slash at its end.
fn address(environment: &Environment, name: &str) -> Result<Option<String>, SettingError> {
    let Some(text) = environment.get(name) else {
        return Ok(None);
    };
    let text = text.trim().trim_end_matches('/');
    match reqwest::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.has_host() => Ok(Some(text.to_owned())),
        _ => Err(SettingError::new(
            name,
            "takes an address that begins with https:// or http://",
        )),
    }
}

/// Whether an address means this machine.
pub(crate) fn is_loopback(address: &str) -> bool {
    let url = reqwest::Url::parse(address).ok();
    let host = url.as_ref().and_then(reqwest::Url::host_str).unwrap_or_default();
    let ip: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(settings: &[(&str, &str)]) -> Result<TelemetryConfig, SettingError> {
        Config::from_environment(&settings.iter().copied().collect()).map(|config| config.telemetry)
    }

    #[test]
    fn nothing_is_set_by_default() {
        let config = read(&[]).unwrap();
        assert!(config.connection_string.is_none() && config.otlp_endpoint.is_none());
        assert!(config.logs.is_none() && config.sampling.is_none());
    }

    #[test]
    fn what_is_wrong_is_told_without_the_value() {
        for (name, value) in [
            (CONNECTION_STRING, "InstrumentationKey=s3cret;Authorization=AAD"),
            (CONNECTION_STRING, "IngestionEndpoint=https://s3cret"),
            (CONNECTION_STRING, "s3cret"),
            (AUTHENTICATION_STRING, "ClientId=s3cret"),
            (AUTHENTICATION_STRING, "Authorization=s3cret"),
            (AUTHENTICATION_STRING, "ClientId=s3cret;Authorization=AAD"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "s3cret:4318"),
            ("PRAVIS_TELEMETRY_SAMPLING", "1.1"),
            ("PRAVIS_TELEMETRY_SAMPLING", "NaN"),
            ("PRAVIS_TELEMETRY_SAMPLING", "-0.1"),
            ("PRAVIS_LOGS_ENDPOINT", "https://s3cret"),
            ("PRAVIS_LOGS_ENDPOINT", "http://s3cret.example"),
            ("PRAVIS_LOGS_RULE_ID", "dcr-1"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.name.starts_with(&name[..10]), "{name}: {error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_token_in_the_connection_string_is_told_where_it_belongs() {
        let error = read(&[(CONNECTION_STRING, "InstrumentationKey=k;authorization=aad")]).unwrap_err();
        assert!(error.to_string().contains(AUTHENTICATION_STRING), "{error}");
    }

    #[test]
    fn all_of_it_is_read_and_secrets_are_not_shown() {
        let config = read(&[
            (
                CONNECTION_STRING,
                "InstrumentationKey=s3cret-1;ingestionendpoint=https://in.example/",
            ),
            (
                AUTHENTICATION_STRING,
                "ClientId=00000000-0000-0000-0000-000000000001;Authorization=AAD",
            ),
            ("PRAVIS_TELEMETRY_SAMPLING", "0.25"),
            ("PRAVIS_LOGS_ENDPOINT", "https://logs.example/"),
            ("PRAVIS_LOGS_RULE_ID", "dcr-1"),
        ])
        .unwrap();
        assert_eq!(config.ingestion_endpoint(), Some("https://in.example/"));
        let client_id = Some(Uuid::from_u128(1));
        assert_eq!(config.authentication, Some(Authentication { client_id }));
        assert_eq!(config.sampling, Some(0.25));
        assert_eq!(config.logs.as_ref().unwrap().endpoint, "https://logs.example");
        assert!(!format!("{config:?}").contains("s3cret"), "{config:?}");
    }
}
