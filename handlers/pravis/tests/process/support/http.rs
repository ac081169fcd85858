//! HTTP/1.1 as plainly as it goes: what is sent is under the test's control, byte for byte.

use super::PATIENCE;
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

/// How a body is sent.
#[derive(Clone, Copy)]
pub(crate) enum Body<'b> {
    None,
    /// With `Content-Length`.
    Sized(&'b [u8]),
    /// In chunks.
    Chunked(&'b [u8]),
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The JSON of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }
}

/// One connection, kept alive and made anew where needed.
pub(crate) struct Client {
    address: SocketAddr,
    key: Option<String>,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    pub(crate) fn new(port: u16) -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, port).into(),
            key: None,
            connection: None,
        }
    }

    /// Sends this key with every request.
    pub(crate) fn with_key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], Body::None).unwrap()
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.try_json("POST", path, body).unwrap()
    }

    /// Sends JSON; fails when the connection breaks before the answer is whole.
    pub(crate) fn try_json(&mut self, method: &str, path: &str, body: &Value) -> io::Result<Answer> {
        let media = if method == "PATCH" {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        let text = body.to_string();
        self.send(
            method,
            path,
            &[("Content-Type", media)],
            Body::Sized(text.as_bytes()),
        )
    }

    /// Sends one request and reads its answer.
    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body<'_>,
    ) -> io::Result<Answer> {
        let request = self.request(method, path, headers, body);
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                BufReader::new(stream)
            }
        };
        connection.get_mut().write_all(&request)?;
        let answer = read_answer(&mut connection)?;
        if answer.header("connection") != Some("close") {
            self.connection = Some(connection);
        }
        Ok(answer)
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Body<'_>) -> Vec<u8> {
        let mut request = format!("{method} {path} HTTP/1.1\r\n");
        let has = |name: &str| headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if !has("host") {
            request += &format!("Host: {}\r\n", self.address);
        }
        if let Some(key) = &self.key {
            request += &format!("Authorization: Bearer {key}\r\n");
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        let mut request = request.into_bytes();
        match body {
            Body::None => request.extend_from_slice(b"\r\n"),
            Body::Sized(bytes) => {
                request.extend_from_slice(format!("Content-Length: {}\r\n\r\n", bytes.len()).as_bytes());
                request.extend_from_slice(bytes);
            }
            Body::Chunked(bytes) => {
                request.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
                for chunk in bytes.chunks(37) {
                    request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    request.extend_from_slice(chunk);
                    request.extend_from_slice(b"\r\n");
                }
                request.extend_from_slice(b"0\r\n\r\n");
            }
        }
        request
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, what)
}

fn line(connection: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    connection.read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(line) => Ok(line.to_owned()),
        None => Err(broken("the answer broke off in its head")),
    }
}

fn read_answer(connection: &mut impl BufRead) -> io::Result<Answer> {
    let first = line(connection)?;
    let status = first
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| broken("no status"))?;
    let mut headers = Vec::new();
    loop {
        let line = line(connection)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    if answer.header("transfer-encoding").is_some() {
        loop {
            let size = usize::from_str_radix(&line(connection)?, 16).map_err(|_| broken("no chunk"))?;
            let mut chunk = vec![0; size];
            connection.read_exact(&mut chunk)?;
            line(connection)?;
            if size == 0 {
                break;
            }
            answer.body.append(&mut chunk);
        }
    } else if let Some(length) = answer.header("content-length") {
        answer.body = vec![0; length.parse().map_err(|_| broken("no length"))?];
        connection.read_exact(&mut answer.body)?;
    }
    Ok(answer)
}
