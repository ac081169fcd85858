//! Settings: a struct per concern, built from a passed-in environment, so that tests never touch the process's.

mod delivery;
mod environment;
mod error;
mod events;
mod host;
mod identity;
mod language;
mod limits;
mod media;
mod reports;
mod retention;
mod storage;
mod store;
mod telemetry;
mod vault;

pub use delivery::DeliveryConfig;
pub use environment::Environment;
pub use error::SettingError;
pub use events::EventsConfig;
pub use host::HostConfig;
pub use identity::IdentityConfig;
pub use language::LanguageConfig;
pub use limits::RateLimit;
pub use media::MediaConfig;
pub use reports::{MailConfig, MailTransport, ReportsConfig};
pub(crate) use reports::{endpoints, mail_server};
pub use retention::RetentionConfig;
pub use storage::{StorageAccount, StorageConfig};
pub use store::{AzureSqlConfig, StoreConfig};
pub(crate) use telemetry::is_loopback;
pub use telemetry::{Authentication, LogsConfig, TelemetryConfig};
pub use vault::{VaultConfig, VaultUrl};

use crate::secrets::SecretSetting;
use ::store::sqlite::SqliteOptions;
use std::path::PathBuf;

/// Fewest bytes of a key that keeps hashes from being guessed.
const HASH_KEY_LENGTH: usize = 16;

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Config {
    /// `PRAVIS_DATA_DIR`: the folder of what is kept on this machine; default `./.pravis`.
    pub data_dir: PathBuf,
    /// `PRAVIS_TIME_ZONE`: IANA name of the zone by whose days the shop counts; default `UTC`.
    pub time_zone: String,
    /// Where turns are kept.
    pub store: StoreConfig,
    /// Where blobs and queues are.
    pub storage: StorageConfig,
    /// Who the program is in Azure.
    pub identity: IdentityConfig,
    /// Where secrets are.
    pub vault: Option<VaultConfig>,
    /// `PRAVIS_HASH_KEY`: the key of the hashes that stand for ids in telemetry, at least 16 characters.
    pub hash_key: Option<SecretSetting>,
    /// What is taken of client events.
    pub events: EventsConfig,
    /// Where the tone of comments is refined; default: nowhere.
    pub language: Option<LanguageConfig>,
    /// Where the program listens.
    pub host: HostConfig,
    /// How much one key may ask.
    pub rate_limit: RateLimit,
    /// What is taken of photos and recordings.
    pub media: MediaConfig,
    /// When reports are made, and who gets them.
    pub reports: ReportsConfig,
    /// Where what anyone may see is delivered from.
    pub delivery: DeliveryConfig,
    /// Where telemetry goes.
    pub telemetry: TelemetryConfig,
    /// `PRAVIS_LOG`: what is logged, as `tracing` directives; default everything from `info` on, less what refinery,
    /// OpenTelemetry and Azure's clients have to say about each step.
    pub log: String,
    /// How long turns, client events and recordings are kept.
    pub retention: RetentionConfig,
}

impl Config {
    /// Reads every setting, or names the first that is wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        error::refuse_misspelt(environment)?;
        let data_dir = PathBuf::from(environment.get("PRAVIS_DATA_DIR").unwrap_or("./.pravis"));
        let hash_key = hash_key(environment)?;
        Ok(Self {
            time_zone: time_zone(environment)?,
            store: StoreConfig::from_environment(environment, &data_dir)?,
            storage: StorageConfig::from_environment(environment, &data_dir)?,
            identity: IdentityConfig::from_environment(environment)?,
            vault: VaultConfig::from_environment(environment)?,
            events: EventsConfig::from_environment(environment, hash_key.as_ref())?,
            hash_key,
            data_dir,
            language: LanguageConfig::from_environment(environment)?,
            host: HostConfig::from_environment(environment)?,
            rate_limit: RateLimit::from_environment(environment)?,
            media: MediaConfig::from_environment(environment)?,
            reports: ReportsConfig::from_environment(environment)?,
            delivery: DeliveryConfig::from_environment(environment)?,
            telemetry: TelemetryConfig::from_environment(environment)?,
            log: environment
                .get("PRAVIS_LOG")
                .unwrap_or(
                    "info,opentelemetry_sdk=warn,refinery_core=warn,symphonia=off,typespec_client_core=warn",
                )
                .to_owned(),
            retention: RetentionConfig::from_environment(environment)?,
        })
    }

    /// How the embedded database is opened.
    pub fn sqlite_options(&self) -> SqliteOptions {
        SqliteOptions {
            time_zone: self.time_zone.clone(),
            ..SqliteOptions::default()
        }
    }
}

fn time_zone(environment: &Environment) -> Result<String, SettingError> {
    const NAME: &str = "PRAVIS_TIME_ZONE";
    let name = environment.get(NAME).unwrap_or("UTC");
    domain::analytics::zone(name)
        .map_err(|_| SettingError::takes(NAME, "an IANA name such as Europe/Paris", name))?;
    Ok(name.to_owned())
}

fn hash_key(environment: &Environment) -> Result<Option<SecretSetting>, SettingError> {
    const NAME: &str = "PRAVIS_HASH_KEY";
    let key = environment.secret(NAME)?;
    match &key {
        Some(SecretSetting::Plain(text)) if text.expose().len() < HASH_KEY_LENGTH => {
            let problem = format!("takes at least {HASH_KEY_LENGTH} characters, which nobody can guess");
            Err(SettingError::new(NAME, problem))
        }
        _ => Ok(key),
    }
}
