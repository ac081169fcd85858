//! One connection, from its first byte to its last.

use super::bytes::Reader;
use super::channel::{self, Channel};
use super::login::Login;
use super::reply::{LoginReply, Step};
use super::request::Statement;
use super::server::Shared;
use super::tokens;
use std::io;
use tokio::net::TcpStream;

/// Serves the connection until either side ends it.
pub(super) async fn serve(stream: TcpStream, connection: usize, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut channel = Channel::new(stream);
    if !log_in(&mut channel, shared).await? {
        return Ok(());
    }
    let _open = shared.opened();
    loop {
        let (kind, message) = channel.read().await?;
        let statement = match kind {
            channel::BATCH => Statement::batch(connection, &message),
            channel::RPC => Statement::rpc(connection, &message),
            other => panic!("no message of type {other:#x} is known"),
        };
        if !answer(&mut channel, statement, kind == channel::RPC, shared).await? {
            return Ok(());
        }
    }
}

/// Whether the client is in.
async fn log_in(channel: &mut Channel, shared: &Shared) -> io::Result<bool> {
    let (kind, prelogin) = channel.read().await?;
    assert_eq!(kind, channel::PRELOGIN);
    let tls = shared.tls();
    let answer = tokens::prelogin(tls.is_some(), asks_for_token(&prelogin));
    channel.write(channel::RESPONSE, &answer).await?;
    if let Some(tls) = tls {
        channel.start_tls(tls).await?;
    }

    let (kind, message) = channel.read().await?;
    assert_eq!(kind, channel::LOGIN);
    let login = Login::parse(&message);
    let by_token = login.token.is_some();
    let mut answer = Vec::new();
    let accepted = match shared.login(login) {
        LoginReply::Accept => true,
        LoginReply::HangUp => return Ok(false),
        LoginReply::Stall => {
            channel.until_closed().await;
            return Ok(false);
        }
        LoginReply::Refuse(number, message) => {
            answer.extend(tokens::error(number, &message));
            answer.extend(tokens::end(false, true));
            false
        }
        LoginReply::Route(host, port) => {
            answer.extend(tokens::routing(&host, port));
            answer.extend(tokens::login_ack(by_token));
            false
        }
    };
    if accepted {
        answer.extend(tokens::login_ack(by_token));
    }
    channel.write(channel::RESPONSE, &answer).await?;
    Ok(accepted)
}

/// Whether the client offers a token: PRELOGIN option 6.
fn asks_for_token(prelogin: &[u8]) -> bool {
    let mut options = Reader(prelogin);
    loop {
        match options.u8() {
            0xff => return false,
            0x06 => return true,
            _ => options.take(4),
        };
    }
}

/// Whether the connection goes on.
async fn answer(
    channel: &mut Channel,
    statement: Statement,
    of_call: bool,
    shared: &Shared,
) -> io::Result<bool> {
    let mut answer = Vec::new();
    let mut failed = false;
    for step in shared.statement(statement).steps {
        match step {
            Step::Table(table) => answer.extend(tokens::table(&table)),
            Step::Fail(fault) => {
                answer.extend(tokens::error(fault.number, &fault.message));
                failed = true;
            }
            Step::Wait(wait) => tokio::time::sleep(wait).await,
            Step::HangUp | Step::Stall => {
                if !answer.is_empty() {
                    channel.write_beginning(&answer).await?;
                }
                if step == Step::Stall {
                    channel.until_closed().await;
                }
                return Ok(false);
            }
        }
    }
    answer.extend(tokens::end(of_call, failed));
    channel.write(channel::RESPONSE, &answer).await?;
    Ok(true)
}
