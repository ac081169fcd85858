//! Databases on the server that `PRAVIS_TEST_SQL` names, one a test.

use super::migrated;
use std::sync::Arc;
use store::azure_sql::{AzureSqlOptions, AzureSqlStore, FixedConnection};
use tiberius::{Client, Config};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

/// A database of its own, gone with [`Database::remove`].
pub(super) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// An empty database, if there is a server to have one.
    pub(super) async fn create() -> Option<Self> {
        let server = std::env::var("PRAVIS_TEST_SQL")
            .ok()
            .filter(|server| !server.is_empty())?;
        let name = format!("pravis_{}", uuid::Uuid::now_v7().simple());
        run(&server, &format!("CREATE DATABASE {name}")).await;
        let database = Self { server, name };
        let connection = database.connection();
        tokio::task::spawn_blocking(move || migrated::azure_sql(&connection))
            .await
            .unwrap();
        Some(database)
    }

    fn connection(&self) -> String {
        format!("{};Database={}", self.server, self.name)
    }

    pub(super) fn options(&self, zone: &str) -> AzureSqlOptions {
        AzureSqlOptions {
            connection: Arc::new(FixedConnection(self.connection())),
            credential: None,
            time_zone: zone.to_owned(),
            pool_size: 8,
            read_replica: false,
        }
    }

    /// The store on this database, migrated.
    pub(super) async fn open(&self, zone: &str) -> Arc<AzureSqlStore> {
        let options = self.options(zone);
        store::azure_sql::migrate(options.clone(), |_| {}).await.unwrap();
        Arc::new(AzureSqlStore::open(options).await.unwrap())
    }

    /// Drops it; nobody may use it any more.
    pub(super) async fn remove(self) {
        run(&self.server, &format!("DROP DATABASE {}", self.name)).await;
    }
}

/// Runs a statement on a connection of its own.
async fn run(connection: &str, sql: &str) {
    client(connection)
        .await
        .simple_query(sql)
        .await
        .unwrap()
        .into_results()
        .await
        .unwrap();
}

async fn client(connection: &str) -> Client<Compat<TcpStream>> {
    let config = Config::from_ado_string(connection).unwrap();
    let tcp = TcpStream::connect(config.get_addr()).await.unwrap();
    Client::connect(config, tcp.compat_write()).await.unwrap()
}
