//! `pravis keys`.

use super::{CommandError, logging, opened};
use crate::api::keys::{make_key, revoke_key};
use crate::config::Config;
use domain::keys::{ApiKey, NewApiKey, Scope};
use jiff::Timestamp;
use uuid::Uuid;

/// Arguments of `keys`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Keys {
    /// Make a key and print it, this once.
    Create {
        /// What the key is for.
        #[arg(long)]
        name: String,
        /// What it may do: ingest, read, feedback, review, events, media, admin.
        #[arg(long, value_delimiter = ',', required = true)]
        scopes: Vec<Scope>,
        /// Origins from which a browser may use it, such as https://shop.example.
        #[arg(long, value_delimiter = ',')]
        origins: Vec<String>,
        /// When it stops working (RFC 3339).
        #[arg(long)]
        expires: Option<Timestamp>,
    },
    /// List all keys, without their secrets.
    List,
    /// Revoke a key by its id; a running program notices within 30 seconds.
    Revoke {
        /// The id that `keys list` shows.
        id: Uuid,
    },
}

impl Keys {
    pub(super) async fn run(self, config: Config, json: bool) -> Result<(), CommandError> {
        let (app, store) = opened::app(config).await?;
        match self {
            Self::Create {
                name,
                scopes,
                origins,
                expires,
            } => {
                let new = NewApiKey {
                    name: Some(name),
                    scopes: Some(scopes),
                    allowed_origins: Some(origins),
                    expires_at: expires,
                };
                let created = make_key(&app, &*store, new).await.map_err(CommandError::failed)?;
                logging::print(json, &created, || {
                    format!(
                        "{}  (id {}, shown only this once)",
                        created.key, created.record.id
                    )
                });
            }
            Self::List => {
                let keys = store.list_api_keys().await.map_err(CommandError::failed)?;
                let lines = || {
                    keys.iter()
                        .map(|key| line(key, app.now()))
                        .collect::<Vec<_>>()
                        .join("\n")
                };
                logging::print(json, &keys, lines);
            }
            Self::Revoke { id } => {
                let revoked = revoke_key(&app, &*store, id)
                    .await
                    .map_err(CommandError::failed)?;
                let revoked = revoked
                    .ok_or_else(|| CommandError::Failed(format!("there is no key with the id {id}")))?;
                logging::print(json, &revoked, || {
                    format!("Revoked {} ({}).", revoked.id, revoked.name)
                });
            }
        }
        store.close().await;
        Ok(())
    }
}

fn line(key: &ApiKey, now: Timestamp) -> String {
    let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let state = if key.is_live(now) { "live" } else { "dead" };
    let used = key
        .last_used_at
        .map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
    format!("{}  {state}  {}  {}  {used}", key.id, scopes.join(","), key.name)
}
