//! The socket of a connection.

use socket2::{SockRef, TcpKeepalive};
use std::io::{self, ErrorKind};
use std::time::Duration;
use tokio::net::TcpStream;

/// When a server that answers nothing, not even on the level of TCP, counts as gone. A call whose server moved away
/// without a word then has time left for another try.
const GONE: Duration = Duration::from_secs(10);

/// A connection, and a second handle of its socket.
pub(super) async fn open(address: &str) -> io::Result<(TcpStream, std::net::TcpStream)> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    watch(&SockRef::from(&stream))?;
    let stream = stream.into_std()?;
    let second = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, second))
}

/// While an answer is awaited the server is asked for a sign of life; it costs a statement that takes long nothing.
fn watch(socket: &SockRef<'_>) -> io::Result<()> {
    let asked = TcpKeepalive::new().with_time(GONE / 2).with_interval(GONE / 4);
    socket.set_tcp_keepalive(&asked)?;
    // And what was sent has to be acknowledged.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(GONE))?;
    Ok(())
}

/// Whether nothing waits to be read, not even the end: a server says nothing unasked, except that it hangs up.
pub(super) fn is_silent(socket: &std::net::TcpStream) -> bool {
    matches!(socket.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_is_gone_is_noticed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (stream, second) = open(&address).await.unwrap();
        assert!(stream.nodelay().unwrap());
        assert!(SockRef::from(&stream).keepalive().unwrap());
        #[cfg(target_os = "linux")]
        assert_eq!(SockRef::from(&stream).tcp_user_timeout().unwrap(), Some(GONE));

        assert!(is_silent(&second));
        let (server, _) = listener.accept().await.unwrap();
        drop(server);
        stream.readable().await.unwrap();
        assert!(!is_silent(&second));
    }
}
