//! What only this layer sees: on a real server where `PRAVIS_TEST_SQL` names one, and on a double that fails as told.

mod busy;
mod deadlines;
mod idle;
mod login;
mod migrating;
mod real;
mod repeats;
mod rows;
mod spans;
mod statements;

use super::call::Call;
use super::pool::Pool;
use super::tuning::Tuning;
use super::{AzureSqlOptions, FixedConnection};
use futures::FutureExt;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::tds::Server;

pub(super) fn options(connection: String) -> AzureSqlOptions {
    AzureSqlOptions {
        connection: Arc::new(FixedConnection(connection)),
        credential: None,
        time_zone: "UTC".to_owned(),
        pool_size: 4,
        read_replica: false,
    }
}

fn pool(options: &AzureSqlOptions) -> Pool {
    Pool::new(options.clone(), false, Tuning::default())
}

/// A double, a pool on it, and how long the pool would have waited between its tries.
struct Bench {
    server: Server,
    pool: Pool,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl Bench {
    async fn new() -> Self {
        Self::tuned(|_| {}).await
    }

    async fn tuned(tune: impl FnOnce(&mut Tuning)) -> Self {
        let server = Server::start().await;
        let options = options(server.connection_string_of("app", "password"));
        Self::on(server, options, tune)
    }

    fn on(server: Server, options: AzureSqlOptions, tune: impl FnOnce(&mut Tuning)) -> Self {
        let waits = Arc::new(Mutex::new(Vec::new()));
        let (mut tuning, noted) = (Tuning::default(), Arc::clone(&waits));
        tuning.sleep = Arc::new(move |wait| {
            noted.lock().unwrap().push(wait);
            std::future::ready(()).boxed()
        });
        tune(&mut tuning);
        let pool = Pool::new(options, false, tuning);
        Self { server, pool, waits }
    }

    fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

fn safe() -> Call {
    Call::safe("test_safe", "SELECT 1")
}

fn once() -> Call {
    Call::once("test_once", "INSERT INTO kept VALUES (1)")
}
