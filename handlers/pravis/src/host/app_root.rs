//! Reads a Functions app from its root folder.
//!
//! Two layouts: the repository keeps the function folders in `functions/`, the package has them directly beside
//! `host.json`, the only place where the host looks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::function::{BadFunction, Function};
use super::function_json::FunctionJson;
use super::host_json::HostJson;
use super::settings::Settings;

/// What a root folder holds.
#[derive(Debug, Clone)]
pub struct AppRoot {
    /// `host.json`.
    pub host: HostJson,
    /// Functions that are not disabled, in the host's order: by name, ignoring case.
    pub functions: Vec<Function>,
    /// Names of the functions that the operator has disabled.
    pub disabled: Vec<String>,
}

/// Why an app cannot be read. The host would log such a function and leave it out; here it is told at once.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says it")]
pub enum AppRootError {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: {at}{problem}", file.display())]
    Malformed {
        file: PathBuf,
        at: String,
        problem: serde_json::Error,
    },
    #[error("{}: {problem}", file.display())]
    Function { file: PathBuf, problem: BadFunction },
    #[error("{}: the folder name differs from another one only by case", file.display())]
    SameName { file: PathBuf },
    #[error("{}: a function cannot be called like the route prefix, since its triggers would be public", file.display())]
    NamedLikePrefix { file: PathBuf },
    #[error("{}: no folder with a function.json", path.display())]
    NoFunctions { path: PathBuf },
}

impl AppRoot {
    /// Reads `host.json` and every function folder below `root`.
    pub fn read(root: &Path, settings: Settings<'_>) -> Result<Self, AppRootError> {
        let host: HostJson = read_json(&root.join("host.json"))?;
        let beside = root.join("functions");
        let parent = if beside.is_dir() { beside } else { root.to_owned() };
        let mut app = Self {
            host,
            functions: Vec::new(),
            disabled: Vec::new(),
        };
        let mut previous = String::new();
        for (name, file) in function_files(&parent)? {
            if app
                .host
                .functions
                .as_ref()
                .is_some_and(|only| !only.contains(&name))
            {
                continue;
            }
            let folded = name.to_ascii_lowercase();
            if folded == previous {
                return Err(AppRootError::SameName { file });
            }
            if app.host.extensions.http.route_prefix.eq_ignore_ascii_case(&name) {
                return Err(AppRootError::NamedLikePrefix { file });
            }
            previous = folded;
            let json: FunctionJson = read_json(&file)?;
            match Function::load(&name, json, settings) {
                Ok(Some(mut function)) => {
                    function.retry = function.retry.or_else(|| app.host.retry.clone());
                    app.functions.push(function);
                }
                Ok(None) => app.disabled.push(name),
                Err(problem) => return Err(AppRootError::Function { file, problem }),
            }
        }
        if previous.is_empty() {
            return Err(AppRootError::NoFunctions { path: parent });
        }
        Ok(app)
    }
}

/// Folder name and `function.json` of each function below `parent`, in the host's order.
fn function_files(parent: &Path) -> Result<Vec<(String, PathBuf)>, AppRootError> {
    let unreadable = |source| AppRootError::Unreadable {
        path: parent.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(parent).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let file = entry.path().join("function.json");
        if file.is_file() {
            files.push((entry.file_name().to_string_lossy().into_owned(), file));
        }
    }
    files.sort_by_cached_key(|(name, _)| name.to_ascii_lowercase());
    Ok(files)
}

fn read_json<T: DeserializeOwned>(file: &Path) -> Result<T, AppRootError> {
    let text = fs::read_to_string(file).map_err(|source| AppRootError::Unreadable {
        path: file.to_owned(),
        source,
    })?;
    let mut json = serde_json::Deserializer::from_str(&text);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| {
            let path = error.path().to_string();
            let at = if path == "." {
                String::new()
            } else {
                format!("{path}: ")
            };
            (at, error.into_inner())
        })
        .and_then(|value| {
            json.end()
                .map(|()| value)
                .map_err(|problem| (String::new(), problem))
        });
    value.map_err(|(at, problem)| AppRootError::Malformed {
        file: file.to_owned(),
        at,
        problem,
    })
}
