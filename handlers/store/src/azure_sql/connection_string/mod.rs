//! The ADO.NET connection string: who logs in where, and what is refused before anything is sent.

mod encryption;
mod login;
#[cfg(test)]
mod tests;
mod words;

use crate::StoreError;
use std::net::IpAddr;
use tiberius::Config;
use words::{Settings, Word};

/// Bytes of a packet. A batch goes out in a few of them; more than 16,383 is not allowed within TLS.
const PACKET_BYTES: u32 = 16_000;

/// Where to connect, and as whom.
#[derive(Clone)]
pub(super) struct Target {
    /// What the driver takes; with the password, where there is one.
    pub(super) config: Config,
    /// Whether a token logs in, since the string names no user.
    pub(super) by_token: bool,
}

impl Target {
    /// Reads a connection string. No error repeats any of its values.
    pub(super) fn parse(text: &str, has_credential: bool) -> Result<Self, StoreError> {
        let refuse =
            |why: String| StoreError::Unavailable(format!("the connection string is not usable: {why}"));
        let settings = words::split(text).map_err(refuse)?;
        target(&settings, has_credential).map_err(|why| refuse(why.to_owned()))
    }
}

fn target(settings: &Settings, has_credential: bool) -> Result<Target, &'static str> {
    let mut config = Config::new();
    let host = address(settings, &mut config)?;
    let by_token = login::choose(settings, has_credential, &mut config)?;
    encryption::choose(settings, by_token, is_loopback(&host), &mut config)?;
    let intent = settings.get(&Word::ApplicationIntent);
    if intent.is_some_and(|intent| !intent.eq_ignore_ascii_case("ReadWrite")) {
        return Err("ApplicationIntent is chosen for each call; leave it out");
    }
    let name = settings.get(&Word::ApplicationName);
    config.application_name(name.map_or("pravis", String::as_str));
    if let Some(name) = settings.get(&Word::WorkstationId) {
        config.client_name(name);
    }
    config.packet_size(PACKET_BYTES);
    // The deadlines of the calls bound both.
    config.handshake_timeout(None);
    config.command_timeout(None);
    Ok(Target { config, by_token })
}

/// Server, port and database; gives the host.
fn address(settings: &Settings, config: &mut Config) -> Result<String, &'static str> {
    let server = settings.get(&Word::Server).map_or("", String::as_str);
    let server = server.strip_prefix("tcp:").unwrap_or(server);
    let (host, port) = server.split_once(',').unwrap_or((server, "1433"));
    if host.contains(['\\', ':']) && !host.starts_with('[') {
        return Err(
            "Server must be `tcp:host,port`: instances by name and other protocols are not supported",
        );
    }
    let host = match host.trim() {
        "" => return Err("it names no Server"),
        "." | "(local)" => "localhost",
        host => host,
    };
    let port = port.trim().parse();
    config.host(host);
    config.port(port.map_err(|_| "the port in Server is not a number")?);
    let database = settings.get(&Word::Database).filter(|name| !name.is_empty());
    config.database(database.ok_or("it names no Database")?);
    Ok(host.to_owned())
}

fn switch(value: &str) -> Option<bool> {
    match value.to_lowercase().as_str() {
        "true" | "yes" | "mandatory" => Some(true),
        "false" | "no" | "optional" => Some(false),
        _ => None,
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address: IpAddr| address.is_loopback())
}
