//! The way of another process to a stub: HTTPS to a name of the internet, through a proxy that leads here.

use crate::served::Served;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// Longest head of a request to the proxy.
const LONGEST: usize = 4096;

/// An HTTP proxy that knows one host, takes off the TLS with a certificate of a CA of its own, and passes on to a stub.
pub struct Tunnel {
    served: Served,
    ca: NamedTempFile,
}

impl Tunnel {
    /// Leads `host` to a stub that speaks plain HTTP.
    pub fn start(host: &str, to: SocketAddr) -> Self {
        let (acceptor, ca_pem) = tls(host);
        let ca = NamedTempFile::new().unwrap();
        std::fs::write(ca.path(), ca_pem).unwrap();
        let asked = format!("CONNECT {host}:443 HTTP/1.1\r\n");
        let served = Served::by(move |listener| async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // Who breaks off has an error of its own to tell.
                tokio::spawn(lead(stream, asked.clone(), acceptor.clone(), to));
            }
        });
        Self { served, ca }
    }

    /// The environment of a process that takes this way, and no other.
    pub fn environment(&self) -> [(&'static str, String); 4] {
        let proxy = format!("http://{}", self.served.address);
        [
            ("HTTPS_PROXY", proxy.clone()),
            ("https_proxy", proxy),
            ("SSL_CERT_FILE", self.ca.path().to_str().unwrap().to_owned()),
            // Empty, so that no folder of the machine is looked at beside the file.
            ("SSL_CERT_DIR", String::new()),
        ]
    }
}

async fn lead(
    mut stream: TcpStream,
    asked: String,
    acceptor: TlsAcceptor,
    to: SocketAddr,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < LONGEST {
        head.push(stream.read_u8().await?);
    }
    if !head.starts_with(asked.as_bytes()) {
        return stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    let mut client = acceptor.accept(stream).await?;
    let mut stub = TcpStream::connect(to).await?;
    copy_bidirectional(&mut client, &mut stub).await.map(drop)
}

/// A server's side for `host`, and the certificate of the CA that vouches for it.
fn tls(host: &str) -> (TlsAcceptor, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().unwrap();
    let ca = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);

    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new([host.to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), ca.pem())
}
