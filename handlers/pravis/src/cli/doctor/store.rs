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
        Err(error) => Finding::bad(NAME, &error, advice(config, &error.to_string())),
    }
}

/// By the number of the server's error, where it has one
/// (<https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues>).
fn advice(config: &Config, error: &str) -> &'static str {
    let says = |number: &str| {
        let mut words = error.split(|letter: char| !letter.is_ascii_digit());
        words.any(|word| word == number)
    };
    match &config.store {
        StoreConfig::Sqlite(_) => "see that the file can be read and written and that the disk is not full",
        StoreConfig::AzureSql(_) if says("18456") || says("4060") || says("916") => {
            "make the identity a user of the database: an administrator runs `pravis migrate --grant-identity NAME CLIENT_ID`"
        }
        StoreConfig::AzureSql(_) if says("229") || says("262") => {
            "give the user the roles db_datareader and db_datawriter, and to who migrates db_owner: \
             `pravis migrate --grant-identity NAME CLIENT_ID` does the first"
        }
        StoreConfig::AzureSql(_) if says("40615") || says("40914") || says("47073") => {
            "let this network in at the server's firewall"
        }
        StoreConfig::AzureSql(_) => {
            "check PRAVIS_SQL, the server's firewall, and that the database is there; one that sleeps takes a minute to wake"
        }
    }
}
