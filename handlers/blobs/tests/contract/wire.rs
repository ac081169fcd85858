//! What sends the requests of an account, with faults.

use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request, StatusCode, Transport};
use bytes::Bytes;
use futures::{StreamExt, stream};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// What becomes of a request.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// It is sent and answered.
    Sent,
    /// Nobody listens.
    Unreachable,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// Nobody answers.
    Silence,
    /// The answer breaks off after so many bytes of its body.
    BreaksOff(usize),
    /// It is not sent; this is the answer: status, error code, body.
    Answer(u16, &'static str, &'static str),
}

/// Sends requests, or lets their fate happen.
#[derive(Debug)]
pub(crate) struct Wire {
    client: reqwest::Client,
    fates: Mutex<VecDeque<Fate>>,
    /// For all requests after those.
    last: Option<Fate>,
    sent: Mutex<Vec<String>>,
}

impl Wire {
    /// The first requests meet `fates`, all others `last`; without it they are sent.
    pub(crate) fn new(
        client: reqwest::Client,
        fates: impl Into<VecDeque<Fate>>,
        last: Option<Fate>,
    ) -> Arc<Self> {
        Arc::new(Self {
            client,
            fates: Mutex::new(fates.into()),
            last,
            sent: Mutex::default(),
        })
    }

    pub(crate) fn transport(self: &Arc<Self>) -> Transport {
        Transport::new(self.clone())
    }

    /// The next requests meet these.
    pub(crate) fn meet(&self, fates: impl IntoIterator<Item = Fate>) {
        self.fates.lock().unwrap().extend(fates);
    }

    /// Method, URL, headers and body of each request so far.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }

    fn note(&self, request: &Request) {
        let body = match request.body() {
            Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Body::SeekableStream(_) => "(stream)".to_owned(),
        };
        let headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| format!("{}: {}", name.as_str(), value.as_str()))
            .collect();
        let (method, url) = (request.method(), request.url());
        let text = format!("{method} {url}\n{}\n\n{body}", headers.join("\n"));
        self.sent.lock().unwrap().push(text);
    }
}

fn broken() -> Error {
    Error::with_message(ErrorKind::Io, "the connection broke")
}

#[async_trait]
impl HttpClient for Wire {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        self.note(request);
        let fate = self
            .fates
            .lock()
            .unwrap()
            .pop_front()
            .or_else(|| self.last.clone());
        match fate {
            None | Some(Fate::Sent) => self.client.execute_request(request).await,
            Some(Fate::Unreachable) => Err(Error::with_message(ErrorKind::Connection, "nobody listens")),
            Some(Fate::Silence) => std::future::pending().await,
            Some(Fate::AnswerLost) => {
                self.client.execute_request(request).await?;
                Err(broken())
            }
            Some(Fate::BreaksOff(after)) => {
                let (status, headers, body) = self.client.execute_request(request).await?.deconstruct();
                let whole: Bytes = body.collect().await?;
                let pieces = [Ok(whole.slice(..after.min(whole.len()))), Err(broken())];
                Ok(AsyncRawResponse::new(
                    status,
                    headers,
                    stream::iter(pieces).boxed(),
                ))
            }
            Some(Fate::Answer(status, code, body)) => {
                let mut headers = Headers::new();
                if !code.is_empty() {
                    headers.insert(HeaderName::from_static("x-ms-error-code"), code);
                }
                Ok(AsyncRawResponse::from_bytes(
                    StatusCode::from(status),
                    headers,
                    body,
                ))
            }
        }
    }
}
