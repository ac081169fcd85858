//! What only this layer sees: on a real server where `PRAVIS_TEST_SQL` names one, and on a double that fails as told.

mod real;

use super::pool::Pool;
use super::tuning::Tuning;
use super::{AzureSqlOptions, FixedConnection};
use std::sync::Arc;

fn options(connection: String) -> AzureSqlOptions {
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
