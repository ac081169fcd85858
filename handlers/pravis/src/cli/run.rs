//! `pravis run <trigger>`.

use super::{CommandError, local, logging, opened};
use crate::config::{Config, Environment};
use crate::host::timers::Timers;
use crate::router;
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Run {
    /// The function folder of the trigger.
    trigger: String,
    /// The folder that holds host.json and functions/.
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
}

impl Run {
    pub(super) async fn run(
        self,
        config: Config,
        environment: &Environment,
        as_json: bool,
    ) -> Result<(), CommandError> {
        let root = local::read(&self.root, environment)?;
        let (app, store) = opened::app(config).await?;
        let handler = router::handler(&app, &root.host.extensions.http.route_prefix);
        let folder = app.config().data_dir.join("timers");
        let timers = Timers::new(&root, handler, app.clock(), folder);
        let fired = timers.fire_once(&self.trigger).await;
        store.close().await;
        let received = fired.map_err(CommandError::failed)?;
        if as_json {
            logging::say(json!({"trigger": self.trigger, "logs": received.logs}));
        } else {
            received.logs.iter().flatten().for_each(logging::say);
            logging::say(format!("{} ran.", self.trigger));
        }
        Ok(())
    }
}
