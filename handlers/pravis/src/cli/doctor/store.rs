//! The database.

use super::{Finding, opened};
use crate::access::Access;
use crate::config::{Config, StoreConfig};
use jiff::Timestamp;

/// Opens the database, asks it, and looks for a key that works.
pub(super) async fn store(config: &Config, access: &Access) -> Finding {
    const NAME: &str = "store";
    let tried = async {
        let store = opened::open(config, access).await?;
        store.ping().await?;
        let keys = store.list_api_keys().await?;
        store.close().await;
        Ok::<_, store::StoreError>(keys.iter().filter(|key| key.is_live(Timestamp::now())).count())
    };
    match tried.await {
        Ok(0) => Finding::bad(
            NAME,
            "answers, but no key is live",
            "run `pravis keys create --name NAME --scopes admin`",
        ),
        Ok(live) => Finding::good(NAME, format!("{} answers, {live} live keys", config.store)),
        Err(error) => Finding::bad(
            NAME,
            error,
            match config.store {
                StoreConfig::Sqlite(_) => {
                    "see that the file can be read and written and that the disk is not full"
                }
                // What is known of an error of the server stands behind its number.
                StoreConfig::AzureSql(_) => {
                    "check PRAVIS_SQL, the server's firewall and the identity's user in the database; \
                     one that sleeps takes a minute to wake"
                }
            },
        ),
    }
}
