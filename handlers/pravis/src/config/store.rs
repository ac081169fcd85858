//! Where data is kept.

use super::{Environment, SettingError};
use std::path::PathBuf;
use store::sqlite::SqliteOptions;

/// The settings of the store.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// `PRAVIS_DATA_DIR`: the folder of the embedded database; default `./.pravis`.
    pub data_dir: PathBuf,
    /// `PRAVIS_TIME_ZONE`: IANA name of the zone by whose days the shop counts; default `UTC`.
    pub time_zone: String,
}

impl StoreConfig {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let store = environment.get("PRAVIS_STORE").unwrap_or("sqlite");
        if store != "sqlite" {
            return Err(SettingError::new(
                "PRAVIS_STORE",
                format!("takes sqlite, not `{store}`"),
            ));
        }
        let time_zone = environment.get("PRAVIS_TIME_ZONE").unwrap_or("UTC");
        domain::analytics::zone(time_zone).map_err(|_| {
            SettingError::new(
                "PRAVIS_TIME_ZONE",
                format!("takes an IANA name such as Europe/Paris, not `{time_zone}`"),
            )
        })?;
        Ok(Self {
            data_dir: environment.get("PRAVIS_DATA_DIR").unwrap_or("./.pravis").into(),
            time_zone: time_zone.to_owned(),
        })
    }

    /// The file of the embedded database.
    pub fn database(&self) -> PathBuf {
        self.data_dir.join("pravis.db")
    }

    /// How the embedded database is opened.
    pub fn sqlite_options(&self) -> SqliteOptions {
        SqliteOptions {
            time_zone: self.time_zone.clone(),
            ..SqliteOptions::default()
        }
    }
}
