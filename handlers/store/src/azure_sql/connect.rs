//! Reaching the server: TCP, TLS, login.

use super::connection_string::Target;
use super::error::SqlError;
use super::options::AzureSqlOptions;
use super::retry::Phase;
use super::socket;
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
    /// A second handle of its socket, to look whether the server is still there.
    socket: std::net::TcpStream,
    /// When the token ends that opened it.
    token_ends: Option<OffsetDateTime>,
}

impl Connected {
    /// Whether it can be used again. The server says nothing unasked, except that it hangs up.
    pub(super) fn is_usable(&self) -> bool {
        let ended = self
            .token_ends
            .is_some_and(|ends| ends <= OffsetDateTime::now_utc());
        socket::is_silent(&self.socket) && !ended
    }
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
    let late = |_| SqlError::lost(Phase::Connect, ErrorKind::TimedOut, "no answer in time");
    tokio::time::timeout(patience, connecting).await.map_err(late)?
}

async fn connect_once(options: &AzureSqlOptions, read_only: bool) -> Result<Connected, SqlError> {
    let text = options.connection.current().await?;
    let Target { mut config, by_token } = Target::parse(&text, options.credential.is_some())?;
    config.readonly(read_only);
    let mut token_ends = None;
    if let Some(credential) = options.credential.as_ref().filter(|_| by_token) {
        // The credential keeps the token, and fetches another one when less than five minutes are left.
        let token = credential.get_token(&[SCOPE], None).await;
        let token = token.map_err(|error| no_token(&error))?;
        config.authentication(AuthMethod::aad_token(token.token.secret()));
        token_ends = Some(token.expires_on);
    }
    let connected = match log_in(config.clone()).await {
        // The gateway of Azure SQL may name the node that has the database.
        Err(Error::Routing { host, port }) => log_in(routed(config, &host, port)).await,
        result => result,
    };
    let (driver, socket) = connected.map_err(|error| SqlError::of(Phase::Connect, &error))?;
    Ok(Connected {
        driver,
        socket,
        token_ends,
    })
}

fn no_token(error: &azure_core::Error) -> SqlError {
    let message = format!("the identity gives no token: {error}");
    SqlError::lost(Phase::Connect, ErrorKind::Other, &message)
}

/// The same at another address, which may name an instance: `host\instance`.
fn routed(mut config: Config, host: &str, port: u16) -> Config {
    let (host, instance) = host.split_once('\\').unwrap_or((host, ""));
    config.host(host);
    config.port(port);
    if !instance.is_empty() {
        config.instance_name(instance);
    }
    config
}

async fn log_in(config: Config) -> Result<(Driver, std::net::TcpStream), Error> {
    let (stream, socket) = socket::open(&config.get_addr()).await?;
    // The driver tells its log what the server says, which belongs into no log.
    let logging_in = Client::connect(config, stream.compat_write());
    let driver = logging_in.with_subscriber(NoSubscriber::default()).await?;
    Ok((driver, socket))
}
