//! `cargo xtask routes`: from a URL to the store functions behind it, read out of the sources themselves.

mod contract;
mod folders;
mod graph;
mod source;
mod table;

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use crate::{Outcome, workspace};
use graph::Graph;

/// What `cargo xtask routes` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Print the same as JSON
    #[arg(long)]
    json: bool,
}

/// One operation or trigger.
#[derive(Debug, Serialize, PartialEq, Eq)]
struct Operation {
    /// Name of the folder in `functions/`, and of the handler.
    folder: String,
    /// `POST /api/v1/interactions`, or what fires it.
    route: String,
    /// Path of the handler within the program; null when no function has the folder's name.
    handler: Option<String>,
    /// Methods of the store's contract that the handler reaches, as `trait::method`, sorted.
    store: Vec<String>,
}

/// Prints the table.
pub(crate) fn run(options: &Options) -> Outcome<ExitCode> {
    let operations = operations(&workspace::root())?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&operations)?);
    } else {
        print!("{}", table::render(&operations));
    }
    Ok(ExitCode::SUCCESS)
}

fn operations(root: &Path) -> Outcome<Vec<Operation>> {
    let contract = contract::read(&root.join("handlers/store/src"))?;
    let graph = Graph::new(source::read(&root.join("handlers/pravis/src"))?, contract);
    let folders = folders::read(root)?;
    Ok(folders
        .into_iter()
        .map(|folder| {
            let handler = graph.handler(&folder.name);
            Operation {
                route: folder.route,
                handler: handler.map(|handler| graph.path(handler)),
                store: handler
                    .map(|handler| graph.store_functions(handler))
                    .unwrap_or_default(),
                folder: folder.name,
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn from_folder_to_store() {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("host.json", r#"{"extensions": {"http": {"routePrefix": "api"}}}"#);
        put(
            "functions/get_interaction/function.json",
            r#"{"bindings": [{"type": "httpTrigger", "methods": ["get"], "route": "v1/interactions/{id:guid}"}]}"#,
        );
        put(
            "functions/timer_sweep/function.json",
            r#"{"bindings": [{"type": "timerTrigger", "schedule": "0 0 * * * *"}]}"#,
        );
        put(
            "handlers/store/src/interactions.rs",
            "pub trait Interactions { async fn find_interaction(&self); }",
        );
        put(
            "handlers/pravis/src/api/interactions.rs",
            "pub async fn get_interaction() { app.store.find_interaction(id).await }",
        );

        let found = operations(root.path()).unwrap();
        assert_eq!(found[0].route, "GET /api/v1/interactions/{id:guid}");
        assert_eq!(
            found[0].handler.as_deref(),
            Some("api::interactions::get_interaction")
        );
        assert_eq!(found[0].store, ["Interactions::find_interaction"]);
        assert_eq!(found[1].route, "timer 0 0 * * * *");
        assert_eq!(found[1].handler, None);
    }
}
