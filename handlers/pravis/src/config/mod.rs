//! Settings: a struct per concern, built from a passed-in environment, so that tests never touch the process's.

mod environment;
mod host;
mod limits;
mod store;
mod telemetry;

pub use environment::{Environment, SettingError};
pub use host::HostConfig;
pub use limits::RateLimit;
pub use store::StoreConfig;
pub(crate) use telemetry::is_loopback;
pub use telemetry::{Authentication, LogsConfig, TelemetryConfig};

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where data is kept.
    pub store: StoreConfig,
    /// Where the program listens.
    pub host: HostConfig,
    /// How much one key may ask.
    pub rate_limit: RateLimit,
    /// Where telemetry goes.
    pub telemetry: TelemetryConfig,
    /// `PRAVIS_LOG`: what is logged, as `tracing` directives; default
    /// `info,opentelemetry_sdk=warn,refinery_core=warn`.
    pub log: String,
    /// `PRAVIS_RETENTION_DAYS`: turns older than this many days are removed daily; default: kept for ever.
    pub retention_days: Option<u16>,
}

impl Config {
    /// Reads every setting, or names the first that is wrong.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        environment.refuse_misspelt()?;
        Ok(Self {
            store: StoreConfig::from_environment(environment)?,
            host: HostConfig::from_environment(environment)?,
            rate_limit: RateLimit::from_environment(environment)?,
            telemetry: TelemetryConfig::from_environment(environment)?,
            log: environment
                .get("PRAVIS_LOG")
                .unwrap_or("info,opentelemetry_sdk=warn,refinery_core=warn")
                .to_owned(),
            retention_days: environment
                .parsed::<std::num::NonZeroU16>("PRAVIS_RETENTION_DAYS", "a number of days, at least 1")?
                .map(std::num::NonZeroU16::get),
        })
    }
}
