//! The environment as a value.

use super::SettingError;
use crate::secrets::SecretSetting;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Every setting that starts with `PRAVIS_`. A name that is not here is a typing error, and is told.
const KNOWN: &[&str] = &[
    "PRAVIS_ACS_ENDPOINT",
    "PRAVIS_ADDRESS",
    "PRAVIS_CDN_ENDPOINT_ID",
    "PRAVIS_CDN_URL",
    "PRAVIS_DAILY_REPORT_SCHEDULE",
    "PRAVIS_DATA_DIR",
    "PRAVIS_EVENTS_IP_HASH",
    "PRAVIS_EVENTS_PER_DAY",
    "PRAVIS_HASH_KEY",
    "PRAVIS_KEY_VAULT_URL",
    "PRAVIS_LANGUAGE_ENDPOINT",
    "PRAVIS_LOG",
    "PRAVIS_LOGS_ENDPOINT",
    "PRAVIS_LOGS_RULE_ID",
    "PRAVIS_MAIL_FROM",
    "PRAVIS_MONTHLY_REPORT_SCHEDULE",
    "PRAVIS_PHOTO_AVIF_QUALITY",
    "PRAVIS_PHOTO_JPEG_QUALITY",
    "PRAVIS_PHOTO_MAX_PIXELS",
    "PRAVIS_PHOTO_WEBP_QUALITY",
    "PRAVIS_PUBLIC_URL",
    "PRAVIS_RATE_LIMIT_BURST",
    "PRAVIS_RATE_LIMIT_PER_SECOND",
    "PRAVIS_REPORT_HOUR",
    "PRAVIS_REPORT_RECIPIENTS",
    "PRAVIS_RETENTION_DAYS",
    "PRAVIS_RETENTION_EVENT_DAYS",
    "PRAVIS_RETENTION_SCHEDULE",
    "PRAVIS_RETENTION_VOICE_DAYS",
    "PRAVIS_SMTP",
    "PRAVIS_SQL",
    "PRAVIS_SQL_POOL_SIZE",
    "PRAVIS_SQL_READ_REPLICA",
    "PRAVIS_STORAGE",
    "PRAVIS_STORE",
    "PRAVIS_SWEEP_SPILL_SCHEDULE",
    "PRAVIS_TELEMETRY_SAMPLING",
    "PRAVIS_TIME_ZONE",
    "PRAVIS_VOICE_MAX_MINUTES",
    "PRAVIS_WEBHOOKS",
    "PRAVIS_WEBHOOKS_ALLOW_PRIVATE",
    "PRAVIS_WEEKLY_REPORT_SCHEDULE",
];

/// Those of them that hold a secret, or name one in the vault.
pub(super) const SECRET: &[&str] = &["PRAVIS_HASH_KEY", "PRAVIS_SMTP", "PRAVIS_SQL", "PRAVIS_WEBHOOKS"];

/// Names of settings, and their values. Prints without values: some are secrets.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// The environment of this process; variables that are not Unicode are left out.
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// The names of our own settings.
    pub fn known() -> &'static [&'static str] {
        KNOWN
    }

    /// The names of all settings that are there.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The value of a setting; an empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The value of a setting, read as `T`; `takes` says in words what it takes.
    pub fn parsed<T: FromStr>(&self, name: &str, takes: &str) -> Result<Option<T>, SettingError> {
        self.get(name)
            .map(|value| {
                value
                    .trim()
                    .parse()
                    .map_err(|_| SettingError::takes(name, takes, value))
            })
            .transpose()
    }

    /// The value of a setting that is on or off; off when it is not set.
    pub(super) fn flag(&self, name: &str) -> Result<bool, SettingError> {
        let value = self.get(name).unwrap_or("false");
        match value.trim().to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(SettingError::takes(name, "true or false", value)),
        }
    }

    /// The value of a setting that is a secret, or refers to one.
    pub(super) fn secret(&self, name: &str) -> Result<Option<SecretSetting>, SettingError> {
        debug_assert!(SECRET.contains(&name), "{name} is missing among the secrets");
        let read = |value| SecretSetting::parse(value).map_err(|problem| SettingError::new(name, problem));
        self.get(name).map(read).transpose()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(settings: I) -> Self {
        Self(
            settings
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}
