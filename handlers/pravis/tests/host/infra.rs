//! What `infra/` provisions, beside what the program, its functions and the host ask for.

use std::collections::{BTreeMap, BTreeSet};

use blobs::{Container, Queue};
use pravis::config::{Config, Environment, StoreConfig};
use pravis::host::app_root::AppRoot;
use pravis::telemetry::facts::COLUMNS;

use crate::functions_folder::root;

/// Settings of the host, and those that its settings of a connection are made of.
const HOST: &[&str] = &[
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "AZURE_CLIENT_ID",
    "AzureWebJobsStorage__accountName",
    "AzureWebJobsStorage__clientId",
    "AzureWebJobsStorage__credential",
];
/// What makes a connection of queues whose caller has an identity.
const CONNECTION: [&str; 3] = ["queueServiceUri", "credential", "clientId"];

fn module(name: &str) -> String {
    let path = root().join("infra/modules").join(name).with_extension("bicep");
    std::fs::read_to_string(path).unwrap()
}

/// The lines of `var name = {` or `[` to its end.
fn variable<'a>(module: &'a str, name: &str) -> Vec<&'a str> {
    let head = format!("var {name} = ");
    let lines = module.lines().skip_while(|line| !line.starts_with(&head)).skip(1);
    let lines: Vec<_> = lines
        .take_while(|line| line.starts_with("  "))
        .map(str::trim)
        .collect();
    assert!(!lines.is_empty(), "there is no {name}");
    lines
}

/// An object's members, as they are written.
fn settings(name: &str) -> BTreeMap<String, String> {
    let module = module("function");
    let members = variable(&module, name).into_iter();
    let members = members.map(|line| line.split_once(": ").unwrap_or_else(|| panic!("{line}")));
    members
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The text of a literal without expressions in it.
fn literal(value: &str) -> Option<&str> {
    let text = value.strip_prefix('\'')?.strip_suffix('\'')?;
    (!text.contains("${")).then_some(text)
}

/// What an expression may come to; the program reads it as it would in Azure.
fn sample(name: &str) -> &'static str {
    match name {
        "AZURE_CLIENT_ID" => "0199d3a4-0000-7000-8000-00000000c001",
        "APPLICATIONINSIGHTS_CONNECTION_STRING" => {
            "InstrumentationKey=0199d3a4-0000-7000-8000-00000000c001;IngestionEndpoint=https://shop.in.applicationinsights.azure.com/"
        }
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING" => {
            "ClientId=0199d3a4-0000-7000-8000-00000000c001;Authorization=AAD"
        }
        "PRAVIS_SQL" => "Server=tcp:shop.database.windows.net,1433;Database=pravis;Encrypt=true",
        "PRAVIS_STORAGE" => "https://shop.blob.core.windows.net/",
        "PRAVIS_KEY_VAULT_URL" => "https://shop-vault.vault.azure.net/",
        "PRAVIS_HASH_KEY" => "kv:hash-key",
        "PRAVIS_LOGS_ENDPOINT" => "https://shop.westeurope-1.ingest.monitor.azure.com",
        "PRAVIS_LOGS_RULE_ID" => "dcr-0123456789abcdef0123456789abcdef",
        "PRAVIS_PUBLIC_URL" => "https://func-shop.azurewebsites.net",
        "PRAVIS_TIME_ZONE" => "Europe/Paris",
        "PRAVIS_SQL_READ_REPLICA" => "true",
        "PRAVIS_RETENTION_DAYS" | "PRAVIS_RETENTION_EVENT_DAYS" | "PRAVIS_RETENTION_VOICE_DAYS" => "400",
        "PRAVIS_REPORT_RECIPIENTS" => "anna@shop.example",
        "PRAVIS_MAIL_FROM" => "reports@shop.example",
        "PRAVIS_ACS_ENDPOINT" => "https://shop.communication.azure.com",
        "PRAVIS_WEBHOOKS" => "kv:webhooks",
        "PRAVIS_LANGUAGE_ENDPOINT" => "https://shop.cognitiveservices.azure.com",
        "PRAVIS_CDN_URL" => "https://shop.z01.azurefd.net",
        "PRAVIS_CDN_ENDPOINT_ID" => {
            "/subscriptions/0199d3a4-0000-7000-8000-00000000c001/resourceGroups/shop/providers/Microsoft.Cdn/profiles/afd/afdEndpoints/shop"
        }
        _ if CONNECTION.iter().any(|part| name.ends_with(part)) || HOST.contains(&name) => "of the host",
        _ => panic!("{name}: what does it come to?"),
    }
}

/// As the program meets them.
fn environment(settings: &BTreeMap<String, String>) -> Environment {
    let values = settings.iter();
    values
        .map(|(name, value)| (name.as_str(), literal(value).unwrap_or_else(|| sample(name))))
        .collect()
}

/// The text of each `function.json`.
fn function_files() -> impl Iterator<Item = String> {
    let folders = std::fs::read_dir(root().join("functions")).unwrap();
    folders.map(|folder| std::fs::read_to_string(folder.unwrap().path().join("function.json")).unwrap())
}

/// Every folder of `functions/`, with the schedules that are set in Azure and no others.
fn functions() -> AppRoot {
    let settings = settings("settings");
    let value = |name: &str| {
        settings
            .get(name)
            .and_then(|value| literal(value))
            .map(str::to_owned)
    };
    AppRoot::read(&root(), &value).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn nothing_is_set_that_nobody_knows() {
    let known: BTreeSet<_> = Environment::known()
        .iter()
        .copied()
        .chain(HOST.iter().copied())
        .collect();
    let connections = CONNECTION.map(|part| format!("PravisStorage__{part}"));
    for name in settings("settings")
        .into_keys()
        .chain(settings("optionalSettings").into_keys())
    {
        assert!(
            known.contains(name.as_str()) || connections.contains(&name),
            "{name}"
        );
    }
}

#[test]
fn the_program_starts_with_what_is_always_set_and_needs_all_of_it() {
    let settings = settings("settings");
    let config = Config::from_environment(&environment(&settings)).unwrap();
    assert!(
        matches!(config.store, StoreConfig::AzureSql(_)),
        "{:?}",
        config.store
    );
    // Without one of these the program would start as something else, or not at all.
    for needed in ["PRAVIS_SQL", "PRAVIS_KEY_VAULT_URL", "PRAVIS_STORE"] {
        let mut fewer = settings.clone();
        assert!(fewer.remove(needed).is_some(), "{needed}");
        assert!(
            Config::from_environment(&environment(&fewer)).is_err(),
            "{needed}"
        );
    }
}

#[test]
fn the_program_starts_with_all_that_may_be_chosen() {
    let mut all = settings("settings");
    all.extend(settings("optionalSettings"));
    // A mail server and Communication Services exclude each other; templates leave the choice to the shop.
    assert!(all.remove("PRAVIS_SMTP").is_some());
    Config::from_environment(&environment(&all)).unwrap();
}

#[test]
fn every_schedule_of_a_function_has_a_value_and_no_other_is_set() {
    let mut asked = BTreeSet::new();
    for text in function_files() {
        asked.extend(text.split('%').skip(1).step_by(2).map(str::to_owned));
    }
    let set: BTreeSet<_> = settings("settings")
        .into_keys()
        .filter(|name| name.ends_with("_SCHEDULE"))
        .collect();
    assert!(!asked.is_empty());
    assert_eq!(asked, set);
    assert!(
        !functions().functions.is_empty(),
        "and each is one that the host can read"
    );
}

#[test]
fn every_connection_of_a_function_is_set() {
    let settings = settings("settings");
    let mut found = 0;
    for text in function_files() {
        for connection in text.split("\"connection\": \"").skip(1) {
            let name = connection.split('"').next().unwrap();
            for part in CONNECTION {
                assert!(
                    settings.contains_key(&format!("{name}__{part}")),
                    "{name}__{part}"
                );
            }
            found += 1;
        }
    }
    assert!(found > 2, "{found}");
}

#[test]
fn every_container_and_queue_exists_and_no_other() {
    let storage = module("storage");
    let names = |variable_name: &str| -> BTreeSet<String> {
        let lines = variable(&storage, variable_name).into_iter();
        lines.map(|line| literal(line).unwrap().to_owned()).collect()
    };
    let containers = Container::ALL.map(|container| container.as_str().to_owned());
    assert_eq!(names("containers"), containers.into());
    let queues = Queue::ALL.into_iter().map(|queue| queue.as_str().to_owned());
    let queues = queues.flat_map(|queue| [format!("{queue}-poison"), queue]);
    assert_eq!(names("queues"), queues.collect());
}

#[test]
fn the_table_has_the_columns_that_are_sent() {
    let monitoring = module("monitoring");
    let columns = variable(&monitoring, "columns").into_iter();
    let sent = COLUMNS
        .iter()
        .map(|column| format!("{{ name: '{}', type: '{}' }}", column.name, column.kind));
    assert_eq!(columns.collect::<Vec<_>>(), sent.collect::<Vec<_>>());
}
