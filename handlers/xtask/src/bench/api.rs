//! The program's operations, called one at a time: what prepares a measurement and checks it.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::runtime::Runtime;

use super::client::{self, Connection};
use super::load::{self, Cycle, Load, Plan};
use super::process::Server;
use crate::Outcome;

/// A caller with a key.
pub(super) struct Api<'a> {
    runtime: &'a Runtime,
    pub(super) address: SocketAddr,
    pub(super) key: String,
}

impl<'a> Api<'a> {
    pub(super) fn new(runtime: &'a Runtime, server: &Server, key: String) -> Self {
        Self {
            runtime,
            address: server.address,
            key,
        }
    }

    /// The answer's JSON; any status of 400 and above is an error.
    pub(super) fn get(&self, path: &str) -> Outcome<Value> {
        self.call(path, &client::get(path, &self.key))
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        let body = body.to_string();
        let mut request = client::post_head(path, &self.key, body.len());
        request.extend_from_slice(body.as_bytes());
        self.call(path, &request)
    }

    /// Sends a file to a path.
    pub(super) fn put(&self, path: &str, content_type: &str, file: &[u8]) -> Outcome<Value> {
        self.call(path, &client::put(path, &self.key, content_type, file))
    }

    fn call(&self, path: &str, request: &[u8]) -> Outcome<Value> {
        let called = self.runtime.block_on(async {
            let mut connection = Connection::open(self.address).await?;
            let answer = connection.send(request).await?;
            Ok::<_, std::io::Error>((answer.status, answer.body.to_vec()))
        });
        let (status, body) = called.map_err(|fault| format!("{path}: {fault}"))?;
        if status >= 400 {
            return Err(format!("{path}: {status} {}", String::from_utf8_lossy(&body)).into());
        }
        serde_json::from_slice(&body).map_err(|fault| format!("{path}: {fault}").into())
    }

    /// Gets the paths in turn over one connection, and measures each answer.
    pub(super) fn measure(&self, paths: &[String], plan: Plan) -> Outcome<Load> {
        let requests = paths.iter().map(|path| client::get(path, &self.key)).collect();
        self.runtime
            .block_on(load::run(self.address, vec![Cycle::new(requests)], plan))
    }
}
