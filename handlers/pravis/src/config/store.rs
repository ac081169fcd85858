//! Where turns are kept.

use super::{Environment, SettingError};
use crate::secrets::SecretSetting;
use std::fmt;
use std::path::{Path, PathBuf};

/// Sessions with Azure SQL at most, where no setting says how many.
const POOL_SIZE: u32 = 16;

/// `PRAVIS_STORE`: which database, and how it is reached; default `sqlite`.
#[derive(Debug, Clone)]
pub enum StoreConfig {
    /// `sqlite`: the embedded database, in this file.
    Sqlite(PathBuf),
    /// `azure_sql`: a database of Azure SQL, or of any SQL Server.
    AzureSql(AzureSqlConfig),
}

/// How Azure SQL is reached.
#[derive(Debug, Clone)]
pub struct AzureSqlConfig {
    /// `PRAVIS_SQL`: the ADO.NET connection string. Where it names no user, the program's identity logs in.
    pub connection: SecretSetting,
    /// `PRAVIS_SQL_POOL_SIZE`: sessions at most, 1 to 1000; default 16.
    pub pool_size: u32,
    /// `PRAVIS_SQL_READ_REPLICA`: whether clean ranges of numbers, and exports, are read from a replica; default false.
    pub read_replica: bool,
}

impl StoreConfig {
    pub(super) fn from_environment(environment: &Environment, data_dir: &Path) -> Result<Self, SettingError> {
        let connection = environment.secret("PRAVIS_SQL")?;
        match (environment.get("PRAVIS_STORE").unwrap_or("sqlite"), connection) {
            ("sqlite", None) => Ok(Self::Sqlite(data_dir.join("pravis.db"))),
            // Data would go to a disk that may be gone tomorrow, while somebody believes it is in Azure.
            ("sqlite", Some(_)) => Err(SettingError::new(
                "PRAVIS_SQL",
                "is for PRAVIS_STORE=azure_sql; unset it, or set that",
            )),
            ("azure_sql", Some(connection)) => Ok(Self::AzureSql(AzureSqlConfig {
                connection,
                pool_size: pool_size(environment)?,
                read_replica: environment.flag("PRAVIS_SQL_READ_REPLICA")?,
            })),
            ("azure_sql", None) => Err(SettingError::new(
                "PRAVIS_SQL",
                "is needed with PRAVIS_STORE=azure_sql: an ADO.NET connection string, or kv:<name of the secret that holds it>",
            )),
            (other, _) => Err(SettingError::takes("PRAVIS_STORE", "sqlite or azure_sql", other)),
        }
    }
}

impl AzureSqlConfig {
    /// Whether the identity logs in, as far as can be told before the connection string is read from the vault.
    pub fn may_need_token(&self) -> bool {
        let SecretSetting::Plain(text) = &self.connection else {
            return true;
        };
        let names = text.expose().split(';').filter_map(|pair| pair.split('=').next());
        !names
            .map(|name| name.trim().to_ascii_lowercase().replace(' ', ""))
            .any(|name| ["password", "pwd"].contains(&name.as_str()))
    }
}

fn pool_size(environment: &Environment) -> Result<u32, SettingError> {
    const NAME: &str = "PRAVIS_SQL_POOL_SIZE";
    const TAKES: &str = "a number of sessions, 1 to 1000";
    match environment.parsed(NAME, TAKES)? {
        None => Ok(POOL_SIZE),
        Some(size @ 1..=1000) => Ok(size),
        Some(size) => Err(SettingError::takes(NAME, TAKES, &size.to_string())),
    }
}

/// Where the data is, for people.
impl fmt::Display for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "{}", file.display()),
            Self::AzureSql(_) => f.write_str("Azure SQL"),
        }
    }
}
