//! A keep-alive connection that sends prepared bytes, and the requests that are prepared for it.

use std::io;
use std::net::SocketAddr;
use std::ops::Range;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::response;

/// One connection. Answers are read one at a time: requests are not pipelined.
pub(super) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// An answer, borrowed from its connection until the next request.
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) body: &'a [u8],
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(64 * 1024),
        })
    }

    /// Sends a whole request and waits for the whole answer.
    pub(super) async fn send(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let (status, body) = self.receive().await?;
        Ok(Answer {
            status,
            body: &self.received[body],
        })
    }

    async fn receive(&mut self) -> io::Result<(u16, Range<usize>)> {
        let mut head = None;
        loop {
            if head.is_none() {
                head = response::parse(&self.received)?;
            }
            if let Some(head) = &head
                && self.received.len() >= head.length + head.body
            {
                return Ok((head.status, head.length..head.length + head.body));
            }
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server hung up"));
            }
        }
    }
}

/// The bytes of a GET.
pub(super) fn get(path: &str, key: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\r\n").into_bytes()
}

/// The head of a POST of JSON; its body has to follow.
pub(super) fn post_head(path: &str, key: &str, length: usize) -> Vec<u8> {
    head("POST", path, key, "application/json", length)
}

/// A request that sends a file.
pub(super) fn put(path: &str, key: &str, content_type: &str, file: &[u8]) -> Vec<u8> {
    let mut request = head("PUT", path, key, content_type, file.len());
    request.extend_from_slice(file);
    request
}

fn head(method: &str, path: &str, key: &str, content_type: &str, length: usize) -> Vec<u8> {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\
         content-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
    )
    .into_bytes()
}

/// Makes a value safe in a query.
pub(super) fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_query_reserves_is_encoded() {
        assert_eq!(
            encode("2026-11-22T10:00:00+05:30"),
            "2026-11-22T10%3A00%3A00%2B05%3A30"
        );
    }

    #[test]
    fn reads_answers_that_come_in_pieces_one_after_the_other() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut stream, _) = listener.accept().unwrap();
            let mut seen = [0; 1024];
            for pieces in [
                ["HTTP/1.1 200 OK\r\ncontent-le", "ngth: 5\r\n\r\nhel", "lo"],
                ["HTTP/1.1 404 X\r\n", "content-length: 0\r\n", "\r\n"],
            ] {
                assert!(stream.read(&mut seen).unwrap() > 0);
                for piece in pieces {
                    stream.write_all(piece.as_bytes()).unwrap();
                    std::thread::sleep(std::time::Duration::from_millis(2));
                }
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut connection = Connection::open(address).await.unwrap();
            let answer = connection.send(&get("/a", "k")).await.unwrap();
            assert_eq!((answer.status, answer.body), (200, &b"hello"[..]));
            let answer = connection.send(&get("/b", "k")).await.unwrap();
            assert_eq!((answer.status, answer.body.len()), (404, 0));
            assert!(connection.send(&get("/c", "k")).await.is_err());
        });
        server.join().unwrap();
    }
}
