//! What `functions/` and `host.json` say about each operation.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{Outcome, workspace};

/// One function folder.
#[derive(Debug)]
pub(super) struct Folder {
    /// The function's name.
    pub(super) name: String,
    /// Method and path, or what else fires it.
    pub(super) route: String,
}

/// All function folders, by name.
pub(super) fn read(root: &Path) -> Outcome<Vec<Folder>> {
    let prefix = route_prefix(&workspace::read(&root.join("host.json"))?)?;
    let functions = root.join("functions");
    let mut found = Vec::new();
    let entries =
        fs::read_dir(&functions).map_err(|fault| format!("cannot list {}: {fault}", functions.display()))?;
    for entry in entries {
        let entry = entry?;
        let file = entry.path().join("function.json");
        if file.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let route = route(&workspace::read(&file)?, &name, &prefix)
                .map_err(|fault| format!("{}: {fault}", file.display()))?;
            found.push(Folder { name, route });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// `api` is the host's default.
fn route_prefix(host: &str) -> Outcome<String> {
    let host: Value = serde_json::from_str(host).map_err(|fault| format!("host.json: {fault}"))?;
    Ok(host
        .pointer("/extensions/http/routePrefix")
        .and_then(Value::as_str)
        .unwrap_or("api")
        .to_owned())
}

fn route(text: &str, name: &str, prefix: &str) -> Outcome<String> {
    let function: Value = serde_json::from_str(text)?;
    let trigger = function["bindings"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|binding| {
            binding["type"]
                .as_str()
                .is_some_and(|kind| kind.ends_with("Trigger"))
        })
        .ok_or("no binding is a trigger")?;
    let text = |field: &str| trigger[field].as_str().unwrap_or("?").to_owned();
    let kind = text("type");
    Ok(match kind.as_str() {
        "httpTrigger" => {
            let methods: Vec<_> = trigger["methods"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let methods = if methods.is_empty() {
                "ANY".to_owned()
            } else {
                methods.join(",").to_uppercase()
            };
            let own = trigger["route"].as_str().unwrap_or(name);
            let path: Vec<_> = [prefix, own]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect();
            format!("{methods} /{}", path.join("/"))
        }
        "timerTrigger" => format!("timer {}", text("schedule")),
        "queueTrigger" => format!("queue {}", text("queueName")),
        "blobTrigger" => format!("blob {}", text("path")),
        other => other.trim_end_matches("Trigger").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_trigger() {
        let of = |binding: &str| route(&format!("{{\"bindings\": [{binding}]}}"), "own_name", "api").unwrap();
        assert_eq!(
            of(r#"{"type": "httpTrigger", "methods": ["post", "options"], "route": "v1/events"}"#),
            "POST,OPTIONS /api/v1/events"
        );
        assert_eq!(of(r#"{"type": "httpTrigger"}"#), "ANY /api/own_name");
        assert_eq!(
            of(r#"{"type": "queueTrigger", "queueName": "pravis-media"}"#),
            "queue pravis-media"
        );
        assert_eq!(
            of(r#"{"type": "blobTrigger", "path": "incoming/{name}"}"#),
            "blob incoming/{name}"
        );
        assert_eq!(of(r#"{"type": "eventGridTrigger"}"#), "eventGrid");
        assert!(route(r#"{"bindings": [{"type": "http"}]}"#, "x", "api").is_err());
    }

    #[test]
    fn the_prefix_may_be_empty_or_left_out() {
        assert_eq!(route_prefix("{}").unwrap(), "api");
        let bare = route_prefix(r#"{"extensions": {"http": {"routePrefix": ""}}}"#).unwrap();
        let binding = r#"{"bindings": [{"type": "httpTrigger", "methods": ["get"], "route": "v1/x"}]}"#;
        assert_eq!(route(binding, "x", &bare).unwrap(), "GET /v1/x");
    }
}
