//! Facts of finished turns for Log Analytics: how long, how dear, how good, and never a word of what was said.

mod client;
mod columns;

pub use columns::{COLUMNS, Column};

use super::bearer::Bearer;
use super::http::Http;
use super::losses::{Losses, Signal};
use super::queue::{Plan, Queue, Worker};
use crate::config::LogsConfig;
use client::Client;
use columns::{Key, Row};
use domain::interactions::Interaction;
use hmac::KeyInit as _;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::runtime::Handle;

/// Rows of some 700 bytes. The service may want to be left alone for a minute.
const ROWS: Plan = Plan {
    signal: Signal::Facts,
    capacity: 8192,
    patience: Duration::from_secs(120),
};

/// The way to Log Analytics; a clone is the same one, and without settings it leads nowhere.
#[derive(Clone, Default)]
pub struct Facts(Option<Arc<Shared>>);

struct Shared {
    queue: Queue<Vec<u8>>,
    key: RwLock<Option<Key>>,
}

impl Facts {
    pub(super) fn start(
        engine: &Handle,
        config: &LogsConfig,
        http: Http,
        bearer: Bearer,
        losses: Arc<Losses>,
    ) -> (Self, Worker) {
        let client = Arc::new(Client::new(config, http, bearer));
        let export = move |rows: Vec<Vec<u8>>| {
            let client = Arc::clone(&client);
            Box::pin(async move { client.send(rows).await }) as _
        };
        let (queue, worker) = Queue::start(engine, ROWS, losses, Box::new(export));
        let key = RwLock::default();
        (Self(Some(Arc::new(Shared { queue, key }))), worker)
    }

    /// Whether they lead anywhere.
    pub fn are_on(&self) -> bool {
        self.0.is_some()
    }

    /// Hashes ids with this key from now on: a secret may be read, or rotated, after the start.
    pub fn set_key(&self, key: &[u8]) {
        if let (Some(shared), Ok(key)) = (&self.0, Key::new_from_slice(key)) {
            *shared.key.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
        }
    }

    /// The row of a turn, if there is somewhere to send it.
    pub(super) fn row(&self, turn: &Interaction) -> Option<Vec<u8>> {
        let shared = self.0.as_ref()?;
        let key = shared.key.read().unwrap_or_else(PoisonError::into_inner);
        let row = Row {
            turn,
            key: key.as_ref(),
        };
        serde_json::to_vec(&row).ok()
    }

    pub(super) fn send(&self, row: Vec<u8>) {
        if let Some(shared) = &self.0 {
            shared.queue.push(row);
        }
    }
}
