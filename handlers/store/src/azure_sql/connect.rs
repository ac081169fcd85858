//! Reaching the server: TCP, TLS, login.

use super::connection_string::Target;
use super::error::SqlError;
use super::options::AzureSqlOptions;
use super::retry::Phase;
use crate::StoreError;
use azure_core::time::OffsetDateTime;
use std::io::ErrorKind;
use std::time::Duration;
use tiberius::error::Error;
use tiberius::{AuthMethod, Client, Config};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

/// For whom a token has to be.
const SCOPE: &str = "https://database.windows.net/.default";

/// The driver's end of a connection.
pub(super) type Driver = Client<Compat<TcpStream>>;

/// A session that is logged in.
pub(super) struct Connected {
    pub(super) driver: Driver,
    /// When the token ends that opened it.
    pub(super) token_ends: Option<OffsetDateTime>,
}

/// Logs in anew, within `patience`. A refused login is tried once more when the connection string has changed meanwhile.
pub(super) async fn connect(
    options: &AzureSqlOptions,
    read_only: bool,
    patience: Duration,
) -> Result<Connected, SqlError> {
    let connecting = async {
        match connect_once(options, read_only).await {
            Err(error) if error.number() == Some(18456) && options.connection.renew().await => {
                connect_once(options, read_only).await
            }
            result => result,
        }
    };
    // The driver tells its log what the server said, values of rows included.
    let quiet = connecting.with_subscriber(NoSubscriber::default());
    let late = |_| {
        SqlError::lost(
            Phase::Connect,
            ErrorKind::TimedOut,
            "the server did not answer in time",
        )
    };
    tokio::time::timeout(patience, quiet).await.map_err(late)?
}

async fn connect_once(options: &AzureSqlOptions, read_only: bool) -> Result<Connected, SqlError> {
    let text = options.connection.current().await?;
    let Target { mut config, by_token } = Target::parse(&text, options.credential.is_some())?;
    config.readonly(read_only);
    config.handshake_timeout(None);
    config.command_timeout(None);
    let mut token_ends = None;
    if let Some(credential) = options.credential.as_ref().filter(|_| by_token) {
        let token = credential.get_token(&[SCOPE], None).await;
        let token =
            token.map_err(|error| StoreError::Unavailable(format!("no token for the database: {error}")))?;
        config.authentication(AuthMethod::aad_token(token.token.secret()));
        token_ends = Some(token.expires_on);
    }
    let driver = match log_in(config.clone()).await {
        // The gateway of Azure SQL may name the node that has the database.
        Err(Error::Routing { host, port }) => {
            let (host, instance) = host
                .split_once('\\')
                .map_or((host.as_str(), None), |(host, name)| (host, Some(name)));
            config.host(host);
            config.port(port);
            if let Some(instance) = instance {
                config.instance_name(instance);
            }
            log_in(config).await
        }
        result => result,
    };
    let driver = driver.map_err(|error| SqlError::of(Phase::Connect, &error))?;
    Ok(Connected { driver, token_ends })
}

async fn log_in(config: Config) -> Result<Driver, Error> {
    let stream = TcpStream::connect(config.get_addr()).await?;
    stream.set_nodelay(true)?;
    Client::connect(config, stream.compat_write()).await
}
