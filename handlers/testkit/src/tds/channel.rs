//! Messages in packets (2.2.3), first in the open, then within TLS, whose handshake goes in packets, too (3.3.5.3).

use rustls::pki_types::PrivateKeyDer;
use rustls::{ProtocolVersion, ServerConfig, ServerConnection};
use std::io::{self, Read, Write};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Types of packets (2.2.3.1.1).
pub(super) const BATCH: u8 = 0x01;
pub(super) const RPC: u8 = 0x03;
pub(super) const RESPONSE: u8 = 0x04;
pub(super) const LOGIN: u8 = 0x10;
pub(super) const PRELOGIN: u8 = 0x12;

const HEADER: usize = 8;
/// The size that is agreed upon when nobody says another one, without the header.
const PAYLOAD: usize = 4096 - HEADER;

/// A client's connection.
pub(super) struct Channel {
    stream: TcpStream,
    tls: Option<ServerConnection>,
    /// What arrived, decrypted, and was not read yet.
    received: Vec<u8>,
}

impl Channel {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            tls: None,
            received: Vec::new(),
        }
    }

    /// The next message: its type and what it carries.
    pub(super) async fn read(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut message = Vec::new();
        loop {
            let header = self.exactly(HEADER).await?;
            let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
            message.extend(self.exactly(length - HEADER).await?);
            // The last bit of the status marks the last packet.
            if header[1] & 1 == 1 {
                return Ok((header[0], message));
            }
        }
    }

    /// Sends a whole message.
    pub(super) async fn write(&mut self, kind: u8, message: &[u8]) -> io::Result<()> {
        let packets = packets(kind, message, true);
        self.send(&packets).await
    }

    /// Sends the beginning of a message that never ends.
    pub(super) async fn write_beginning(&mut self, message: &[u8]) -> io::Result<()> {
        let packets = packets(RESPONSE, message, false);
        self.send(&packets).await
    }

    /// Waits until the client hangs up.
    pub(super) async fn until_closed(&mut self) {
        while self.fill().await.is_ok() {
            self.received.clear();
        }
    }

    /// Encrypts everything from here on.
    pub(super) async fn start_tls(&mut self, config: Arc<ServerConfig>) -> io::Result<()> {
        let mut tls = ServerConnection::new(config).map_err(io::Error::other)?;
        tls.set_buffer_limit(None);
        let mut plain = Vec::new();
        while tls.is_handshaking() {
            if tls.wants_write() {
                self.write_handshake(&mut tls).await?;
            } else {
                let (_, message) = self.read().await?;
                decrypt(&mut tls, &message, &mut plain)?;
            }
        }
        // With TLS 1.2 the server has the last word; with 1.3 the client has, and is beyond packets when it has said it.
        if tls.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
            self.write_handshake(&mut tls).await?;
        }
        // The client may have gone on already.
        decrypt(&mut tls, &self.received, &mut plain)?;
        self.received = plain;
        self.tls = Some(tls);
        self.send(&[]).await
    }

    async fn write_handshake(&mut self, tls: &mut ServerConnection) -> io::Result<()> {
        let message = encrypted(tls)?;
        self.write(PRELOGIN, &message).await
    }

    async fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.received.len() < length {
            self.fill().await?;
        }
        let rest = self.received.split_off(length);
        Ok(std::mem::replace(&mut self.received, rest))
    }

    async fn fill(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        let length = self.stream.read(&mut buffer).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match &mut self.tls {
            Some(tls) => decrypt(tls, &buffer[..length], &mut self.received),
            None => {
                self.received.extend_from_slice(&buffer[..length]);
                Ok(())
            }
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => {
                tls.writer().write_all(bytes)?;
                let encrypted = encrypted(tls)?;
                self.stream.write_all(&encrypted).await
            }
            None => self.stream.write_all(bytes).await,
        }
    }
}

fn packets(kind: u8, message: &[u8], ends: bool) -> Vec<u8> {
    let count = message.len().div_ceil(PAYLOAD).max(1);
    let mut packets = Vec::with_capacity(message.len() + count * HEADER);
    for number in 0..count {
        let part = &message[number * PAYLOAD..message.len().min((number + 1) * PAYLOAD)];
        let last = ends && number + 1 == count;
        let length = u16::try_from(part.len() + HEADER).unwrap();
        packets.extend([kind, u8::from(last)]);
        packets.extend(length.to_be_bytes());
        packets.extend([0, 0, u8::try_from(number % 256).unwrap(), 0]);
        packets.extend_from_slice(part);
    }
    packets
}

fn encrypted(tls: &mut ServerConnection) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while tls.wants_write() {
        tls.write_tls(&mut bytes)?;
    }
    Ok(bytes)
}

fn decrypt(tls: &mut ServerConnection, mut bytes: &[u8], plain: &mut Vec<u8>) -> io::Result<()> {
    while !bytes.is_empty() {
        tls.read_tls(&mut bytes)?;
        tls.process_new_packets().map_err(io::Error::other)?;
        match tls.reader().read_to_end(plain) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            result => {
                result?;
            }
        }
    }
    Ok(())
}

/// A certificate that nobody signed: clients have to trust it blindly.
pub(super) fn self_signed() -> Arc<ServerConfig> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = builder
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key);
    Arc::new(config.unwrap())
}
