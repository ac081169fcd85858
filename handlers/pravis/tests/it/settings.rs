//! The settings that the program knows, and where they are described.

use pravis::config::{
    Config, Environment, IdentityConfig, SettingError, StorageAccount, StorageConfig, StoreConfig,
};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn file(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(name)).unwrap()
}

fn known() -> BTreeSet<&'static str> {
    Environment::known().iter().copied().collect()
}

#[test]
fn the_example_names_every_setting_and_no_other() {
    let example: Value = serde_json::from_str(&file("local.settings.example.json")).unwrap();
    let values = example["Values"].as_object().unwrap();
    let own = values
        .keys()
        .map(String::as_str)
        .filter(|name| name.starts_with("PRAVIS_"));
    assert_eq!(own.collect::<BTreeSet<_>>(), known());
}

#[test]
fn the_program_starts_with_the_example() {
    let example: Value = serde_json::from_str(&file("local.settings.example.json")).unwrap();
    let values = example["Values"].as_object().unwrap().iter();
    let environment: Environment = values
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    Config::from_environment(&environment).unwrap();
}

#[test]
fn the_readme_describes_every_setting_and_no_other() {
    let readme = file("README.md");
    let section = readme.split("\n## Configuration\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let names = rows.map(|row| row.split('`').next().unwrap());
    let own = names.filter(|name| name.starts_with("PRAVIS_"));
    assert_eq!(own.collect::<BTreeSet<_>>(), known());
}

/// Settings that make a whole with nothing but these.
fn config(settings: &[(&str, &str)]) -> Result<Config, SettingError> {
    Config::from_environment(&settings.iter().copied().collect())
}

#[test]
fn without_settings_everything_is_on_this_machine() {
    let config = config(&[]).unwrap();
    assert!(matches!(&config.store, StoreConfig::Sqlite(file) if file.ends_with(".pravis/pravis.db")));
    assert!(matches!(&config.storage, StorageConfig::Local(folder) if folder.ends_with(".pravis/storage")));
    assert_eq!(config.identity, IdentityConfig::Developer);
    assert!(config.vault.is_none() && config.hash_key.is_none());
}

#[test]
fn everything_in_azure() {
    let config = config(&[
        ("PRAVIS_STORE", "azure_sql"),
        ("PRAVIS_SQL", "kv:sql"),
        ("PRAVIS_SQL_POOL_SIZE", "4"),
        ("PRAVIS_SQL_READ_REPLICA", "True"),
        ("PRAVIS_STORAGE", "https://shopmedia.blob.core.windows.net/"),
        ("PRAVIS_KEY_VAULT_URL", "https://Shop-Vault.vault.azure.net/"),
        ("PRAVIS_HASH_KEY", "kv:hash-key"),
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token"),
        ("AZURE_CLIENT_ID", "0199d3a4-0000-7000-8000-00000000c001"),
    ])
    .unwrap();
    let StoreConfig::AzureSql(sql) = &config.store else {
        panic!("{:?}", config.store)
    };
    assert_eq!((sql.pool_size, sql.read_replica), (4, true));
    assert!(sql.may_need_token());
    let storage = StorageAccount {
        blobs: "https://shopmedia.blob.core.windows.net".to_owned(),
        queues: "https://shopmedia.queue.core.windows.net".to_owned(),
    };
    assert_eq!(config.storage, StorageConfig::Account(storage));
    let vault = config.vault.unwrap();
    assert_eq!(vault.url.to_string(), "https://shop-vault.vault.azure.net");
    let names = vault
        .references
        .iter()
        .map(|(setting, name)| (*setting, name.as_str()));
    let expected = [("PRAVIS_HASH_KEY", "hash-key"), ("PRAVIS_SQL", "sql")];
    assert_eq!(names.collect::<Vec<_>>(), expected);
    let client_id = "0199d3a4-0000-7000-8000-00000000c001".parse().ok();
    assert_eq!(config.identity, IdentityConfig::Managed { client_id });
}

#[test]
fn a_misspelt_setting_is_named_with_the_one_that_was_meant() {
    for (misspelt, meant) in [
        ("PRAVIS_STROE", "PRAVIS_STORE"),
        ("PRAVIS_TIMEZONE", "PRAVIS_TIME_ZONE"),
        ("PRAVIS_KEYVAULT", "PRAVIS_KEY_VAULT_URL"),
        ("PRAVIS_SQL_POOLSIZE", "PRAVIS_SQL_POOL_SIZE"),
        ("PRAVIS_RETENTION", "PRAVIS_RETENTION_DAYS"),
        ("pravis_store", "PRAVIS_STORE"),
        ("Pravis_Hash_Key", "PRAVIS_HASH_KEY"),
    ] {
        let told = config(&[(misspelt, "secret")]).unwrap_err().to_string();
        assert_eq!(told, format!("{misspelt} is no setting: did you mean {meant}?"));
    }
    let told = config(&[("PRAVIS_SMTP", "secret")]).unwrap_err().to_string();
    assert!(
        told.starts_with("PRAVIS_SMTP is no setting; there are PRAVIS_ADDRESS, "),
        "{told}"
    );
    config(&[
        ("PRAVIS_TEST_SQL", "x"),
        ("PravisStorage__queueServiceUri", "x"),
        ("PRAVISO", "x"),
    ])
    .unwrap();
}

#[test]
fn settings_that_cannot_be_used_are_named_and_secrets_are_not_shown() {
    const VAULT: (&str, &str) = ("PRAVIS_KEY_VAULT_URL", "https://shop.vault.azure.net");
    const AZURE: (&str, &str) = ("PRAVIS_STORE", "azure_sql");
    let long = format!("kv:{}", "s".repeat(128));
    for (settings, words) in [
        (
            &[("PRAVIS_STORE", "azuresql")][..],
            "PRAVIS_STORE takes sqlite or azure_sql, not `azuresql`",
        ),
        (
            &[("PRAVIS_STORE", "Server=x;Password=hush")],
            "PRAVIS_STORE takes sqlite or azure_sql",
        ),
        (&[AZURE], "PRAVIS_SQL is needed with PRAVIS_STORE=azure_sql"),
        (
            &[("PRAVIS_SQL", "Server=x;Password=hush")],
            "PRAVIS_SQL is for PRAVIS_STORE=azure_sql",
        ),
        (
            &[AZURE, ("PRAVIS_SQL", "kv:sql")],
            "PRAVIS_SQL refers to the secret `sql` of a Key Vault: set PRAVIS_KEY_VAULT_URL",
        ),
        (
            &[("PRAVIS_EVENTS_IP_HASH", "daily")],
            "PRAVIS_EVENTS_IP_HASH needs PRAVIS_HASH_KEY",
        ),
        (
            &[("PRAVIS_EVENTS_IP_HASH", "always")],
            "PRAVIS_EVENTS_IP_HASH takes off or daily, not `always`",
        ),
        (
            &[("PRAVIS_EVENTS_PER_DAY", "-1")],
            "PRAVIS_EVENTS_PER_DAY takes a number of events, not `-1`",
        ),
        (
            &[("PRAVIS_HASH_KEY", "kv:hash")],
            "PRAVIS_HASH_KEY refers to the secret `hash`",
        ),
        (
            &[VAULT, ("PRAVIS_HASH_KEY", "kv:")],
            "PRAVIS_HASH_KEY takes the name of a secret after kv:",
        ),
        (
            &[VAULT, ("PRAVIS_HASH_KEY", "kv:hush hush")],
            "PRAVIS_HASH_KEY takes the name of a secret after kv:",
        ),
        (
            &[VAULT, ("PRAVIS_HASH_KEY", "kv:a/../hush")],
            "PRAVIS_HASH_KEY takes the name",
        ),
        (
            &[VAULT, ("PRAVIS_HASH_KEY", &long)],
            "PRAVIS_HASH_KEY takes the name",
        ),
        (
            &[("PRAVIS_HASH_KEY", "hush")],
            "PRAVIS_HASH_KEY takes at least 16 characters",
        ),
        (
            &[AZURE, ("PRAVIS_SQL", "Server=x"), ("PRAVIS_SQL_POOL_SIZE", "0")],
            "PRAVIS_SQL_POOL_SIZE takes a number of sessions",
        ),
        (
            &[AZURE, ("PRAVIS_SQL", "Server=x"), ("PRAVIS_SQL_POOL_SIZE", "-1")],
            "PRAVIS_SQL_POOL_SIZE takes",
        ),
        (
            &[
                AZURE,
                ("PRAVIS_SQL", "Server=x"),
                ("PRAVIS_SQL_READ_REPLICA", "yes"),
            ],
            "PRAVIS_SQL_READ_REPLICA takes true or false, not `yes`",
        ),
        (
            &[("IDENTITY_ENDPOINT", "http://x"), ("AZURE_CLIENT_ID", "me")],
            "AZURE_CLIENT_ID takes the client id (a GUID)",
        ),
    ] {
        let told = config(settings).unwrap_err().to_string();
        assert!(told.starts_with(words), "{told}");
        assert!(!told.contains("hush"), "{told}");
    }
}

#[test]
fn a_vault_is_one_of_azures() {
    for right in [
        "https://shop.vault.azure.net",
        "https://shop.vault.azure.net/",
        " https://shop-2.vault.usgovcloudapi.net",
        "https://SHOP.VAULT.AZURE.CN",
    ] {
        config(&[("PRAVIS_KEY_VAULT_URL", right)]).unwrap();
    }
    for wrong in [
        "shop",
        "shop.vault.azure.net",
        "http://shop.vault.azure.net",
        "https://vault.azure.net",
        "https://.vault.azure.net",
        "https://ab.vault.azure.net",
        "https://shop.vault.azure.net.example",
        "https://shop.evil.example/.vault.azure.net",
        "https://shop.vault.azure.net:8443",
        "https://shop.vault.azure.net/secrets/hush",
        "https://hush@shop.vault.azure.net",
        "https://hush:hush@shop.vault.azure.net",
        "https://sh.op.vault.azure.net",
        "https://shop.vault.azure.net?hush",
        "https://shop.vault.azure.net#hush",
        "https://shöp.vault.azure.net",
        "https://a-name-that-is-much-too-long.vault.azure.net",
    ] {
        let told = config(&[("PRAVIS_KEY_VAULT_URL", wrong)])
            .unwrap_err()
            .to_string();
        assert!(told.contains("https://<name>.vault.azure.net"), "{wrong}: {told}");
        assert!(!told.contains("hush"), "{told}");
    }
}

#[test]
fn storage_is_here_or_an_account_without_a_key() {
    let storage = |value: &str| config(&[("PRAVIS_STORAGE", value)]).map(|config| config.storage);
    for (value, blobs, queues) in [
        (
            "https://shop.z17.blob.storage.azure.net",
            "https://shop.z17.blob.storage.azure.net",
            "https://shop.z17.queue.storage.azure.net",
        ),
        (
            "BlobEndpoint=https://blobs.shop.example/;QueueEndpoint=https://queues.shop.example;",
            "https://blobs.shop.example",
            "https://queues.shop.example",
        ),
    ] {
        let (blobs, queues) = (blobs.to_owned(), queues.to_owned());
        assert_eq!(
            storage(value).unwrap(),
            StorageConfig::Account(StorageAccount { blobs, queues })
        );
    }
    for value in [
        "UseDevelopmentStorage=true",
        "UseDevelopmentStorage=true;AccountKey=hush;BlobEndpoint=http://127.0.0.1:1/devstoreaccount1",
    ] {
        let StorageConfig::Emulator(connection) = storage(value).unwrap() else {
            panic!("{value}")
        };
        assert_eq!(connection.expose(), value);
        assert_eq!(format!("{connection:?}"), "***");
    }
    for (value, words) in [
        ("here", "takes local"),
        ("https://shop.blob.core.windows.net/incoming", "takes local"),
        ("https://shop.blob.core.windows.net?sig=hush", "takes local"),
        ("https://hush@shop.blob.core.windows.net", "takes local"),
        ("https://shop.queue.core.windows.net", "takes local"),
        ("https://SHOP_1.blob.core.windows.net", "takes local"),
        ("http://shop.blob.core.windows.net", "takes local"),
        ("BlobEndpoint=https://blobs.shop.example", "takes local"),
        (
            "BlobEndpoint=http://blobs.shop.example;QueueEndpoint=http://queues.shop.example",
            "takes local",
        ),
        (
            "AccountName=shop;AccountKey=hush==;EndpointSuffix=core.windows.net",
            "Storage Blob Data Contributor",
        ),
        (
            "BlobEndpoint=https://a.example;QueueEndpoint=https://b.example;SharedAccessSignature=sig=hush",
            "takes no key",
        ),
    ] {
        let told = storage(value).unwrap_err().to_string();
        assert!(
            told.starts_with("PRAVIS_STORAGE takes ") && told.contains(words),
            "{value}: {told}"
        );
        assert!(!told.contains("hush"), "{told}");
    }
}

#[test]
fn printed_settings_hold_no_secret() {
    let config = config(&[
        ("PRAVIS_STORE", "azure_sql"),
        (
            "PRAVIS_SQL",
            "Server=tcp:db.example;User ID=pravis;Password='hush;hush'",
        ),
        ("PRAVIS_HASH_KEY", "hush-hush-hush-hush"),
    ])
    .unwrap();
    let StoreConfig::AzureSql(sql) = &config.store else {
        panic!()
    };
    assert!(!sql.may_need_token());
    let printed = format!("{config:?}{config:#?}{}", config.store);
    assert!(printed.contains("***") && !printed.contains("hush"), "{printed}");
}
