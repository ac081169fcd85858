//! The program as it is in Azure: a managed identity, and a vault behind HTTPS.

use crate::support::{Finished, FunctionsHost, Options, PATIENCE, finish, key, pravis, within};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use testkit::tds::{LoginReply, Server};
use testkit::{IdentityStub, Tunnel, VaultMood, VaultStub};
use tokio::runtime::Runtime;

const CLIENT_ID: &str = "0199d3a4-0000-7000-8000-00000000c001";
const HASH_KEY: &str = "seeded-hash-key-17";
const PASSWORD: &str = "seeded-password-17";

/// What the platform gives an app: an identity, a way to its vault, and a database that lets nobody in.
struct Azure {
    sql: Server,
    _runtime: Runtime,
    identity: IdentityStub,
    vault: VaultStub,
    tunnel: Tunnel,
}

impl Azure {
    fn new() -> Self {
        let vault = VaultStub::taking(&IdentityStub::token("https://vault.azure.net"));
        vault.set("hash-key", HASH_KEY);
        let runtime = Runtime::new().unwrap();
        let sql = runtime.block_on(Server::start());
        sql.on_login(|_| LoginReply::refuse(18456, "Login failed for user 'pravis'."));
        vault.set("sql", &connection(&sql));
        let tunnel = Tunnel::start("shop.vault.azure.net", vault.address());
        Self {
            sql,
            _runtime: runtime,
            identity: IdentityStub::start(),
            vault,
            tunnel,
        }
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![
            ("AZURE_CLIENT_ID", CLIENT_ID.to_owned()),
            ("PRAVIS_KEY_VAULT_URL", "https://shop.vault.azure.net".to_owned()),
            ("PRAVIS_HASH_KEY", "kv:hash-key".to_owned()),
            ("PRAVIS_LOG", "trace".to_owned()),
        ];
        all.extend(self.identity.environment());
        all.extend(self.tunnel.environment());
        all
    }

    fn run(&self, data: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Finished {
        let mut command = pravis();
        command
            .args(arguments)
            .env("PRAVIS_DATA_DIR", data)
            .envs(self.environment())
            .envs(settings.iter().copied());
        finish(&mut command)
    }
}

fn connection(sql: &Server) -> String {
    sql.connection_string_of("pravis", PASSWORD)
}

/// Nothing that was seeded is in what the program said.
#[track_caller]
fn keeps_silent(said: &str) {
    let line = said.lines().find(|line| line.contains("seeded-"));
    assert_eq!(line, None);
}

/// The finding of this name, or of those of this name the one that is wrong.
#[track_caller]
fn finding(doctor: &Finished, name: &str) -> Value {
    let findings = doctor.json();
    let of_name: Vec<_> = findings
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["name"] == name)
        .collect();
    let wrong = of_name.iter().find(|finding| finding["ok"] == false);
    (**wrong.unwrap_or_else(|| &of_name[0])).clone()
}

#[test]
fn doctor_reads_the_vault_as_the_identity() {
    let azure = Azure::new();
    let data = tempfile::tempdir().unwrap();
    key(data.path(), "admin");
    let well = azure.run(data.path(), &["doctor"], &[]);
    assert_eq!(well.code, Some(0), "{well:?}");
    assert!(
        well.stdout.lines().all(|line| line.starts_with("ok ")),
        "{well:?}"
    );
    for words in [
        &format!("ok  identity  the managed identity {CLIENT_ID} gives tokens") as &str,
        "ok  vault     secret `hash-key` of https://shop.vault.azure.net can be read (PRAVIS_HASH_KEY)",
    ] {
        assert!(well.stdout.contains(words), "{words}: {well:?}");
    }
    let asked = format!("{CLIENT_ID} https://vault.azure.net");
    assert_eq!(azure.identity.asked(), [asked], "one token for all");
    assert_eq!(azure.vault.asked(), ["hash-key"]);
    assert_eq!(azure.vault.challenged(), 1);
    keeps_silent(&well.stdout);
}

#[test]
fn the_apps_own_identity_has_no_client_id() {
    let azure = Azure::new();
    let data = tempfile::tempdir().unwrap();
    let ended = azure.run(data.path(), &["doctor", "--json"], &[("AZURE_CLIENT_ID", "")]);
    assert_eq!(finding(&ended, "vault")["ok"], true, "{ended:?}");
    assert_eq!(azure.identity.asked(), ["- https://vault.azure.net"]);
}

#[test]
fn doctor_names_each_thing_that_is_missing() {
    let azure = Azure::new();
    let data = tempfile::tempdir().unwrap();
    key(data.path(), "admin");
    let doctor = |settings: &[(&str, &str)]| {
        let ended = azure.run(data.path(), &["doctor", "--json"], settings);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        ended.error_line();
        keeps_silent(&format!("{}{}", ended.stdout, ended.stderr));
        ended
    };
    let expect = |ended: &Finished, name: &str, detail: &str, advice: &str| {
        let finding = finding(ended, name);
        let holds = |member: &str, words: &str| finding[member].as_str().unwrap().contains(words);
        assert!(
            finding["ok"] == false && holds("detail", detail) && holds("advice", advice),
            "{finding}"
        );
    };

    azure.vault.be(VaultMood::Forbids("ForbiddenByRbac"));
    let ended = doctor(&[]);
    expect(
        &ended,
        "vault",
        "secret `hash-key` cannot be read: the identity lacks the role Key Vault Secrets User",
        "Key Vault Secrets User",
    );
    azure.vault.be(VaultMood::Gives);

    let ended = doctor(&[("PRAVIS_HASH_KEY", "kv:nothing")]);
    expect(
        &ended,
        "vault",
        "secret `nothing` cannot be read: the vault does not have it",
        "make the secret",
    );

    let ended = doctor(&[("PRAVIS_KEY_VAULT_URL", "https://other.vault.azure.net")]);
    expect(
        &ended,
        "vault",
        "the vault does not answer",
        "PRAVIS_KEY_VAULT_URL",
    );

    azure.identity.refuse(400, json!({"message": "seeded-answer"}));
    let ended = doctor(&[]);
    expect(
        &ended,
        "identity",
        &format!("the app does not have the identity {CLIENT_ID}"),
        "AZURE_CLIENT_ID",
    );
    expect(&ended, "vault", "AZURE_CLIENT_ID", "identity");
    let ended = doctor(&[("AZURE_CLIENT_ID", "")]);
    expect(&ended, "identity", "no identity of its own", "managed identity");
    azure.identity.refuse(403, json!({"message": "seeded-answer"}));
    expect(
        &doctor(&[]),
        "identity",
        "answers with status 403",
        "managed identity",
    );
    azure.identity.refuse(
        200,
        json!({"access_token": {"a": "seeded-answer"}, "expires_on": "seeded-answer"}),
    );
    expect(&doctor(&[]), "identity", "not with a token", "managed identity");
    azure.identity.relent();

    let ended = doctor(&[("PRAVIS_STORE", "azure_sql"), ("PRAVIS_SQL", "kv:sql")]);
    expect(&ended, "store", "not available", "PRAVIS_SQL");
    let ended = doctor(&[("PRAVIS_STORE", "azure_sql"), ("PRAVIS_SQL", "kv:hidden")]);
    expect(
        &ended,
        "vault",
        "secret `hidden` cannot be read",
        "make the secret",
    );
}

#[test]
fn the_developer_is_who_has_logged_in() {
    let azure = Azure::new();
    let data = tempfile::tempdir().unwrap();
    let tools = tempfile::tempdir().unwrap();
    let path = format!("{}:/usr/bin:/bin", tools.path().display());
    let doctor = || {
        azure.run(
            data.path(),
            &["doctor", "--json"],
            &[
                ("IDENTITY_ENDPOINT", ""),
                ("AZURE_CLIENT_ID", "not a GUID"),
                ("PATH", &path),
            ],
        )
    };
    let az = |script: String| {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tools.path().join("az");
        std::fs::write(&file, format!("#!/bin/sh\necho asked >> \"$0.log\"\n{script}")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    az("echo 'Please run az login.' >&2; exit 1".to_owned());
    let ended = doctor();
    let identity = finding(&ended, "identity");
    assert!(
        identity["detail"]
            .as_str()
            .unwrap()
            .contains("Please run az login."),
        "{identity}"
    );
    assert!(
        identity["advice"].as_str().unwrap().contains("az login"),
        "{identity}"
    );

    std::fs::remove_file(tools.path().join("az.log")).unwrap();
    let token = IdentityStub::token("https://vault.azure.net");
    az(format!(
        "echo '{{\"accessToken\": \"{token}\", \"expires_on\": 4102444800, \"tokenType\": \"Bearer\"}}'"
    ));
    let ended = doctor();
    assert_eq!(finding(&ended, "identity")["ok"], true, "{ended:?}");
    assert_eq!(finding(&ended, "vault")["ok"], true, "{ended:?}");
    let asked = std::fs::read_to_string(tools.path().join("az.log")).unwrap();
    assert_eq!(asked, "asked\n", "one program for all tokens");
    assert!(azure.identity.asked().is_empty());
    keeps_silent(&ended.stdout);
}

#[test]
fn a_handler_whose_vault_is_away_lives_and_says_so() {
    let azure = Azure::new();
    azure.vault.be(VaultMood::Answers(503, String::new()));
    let data = tempfile::tempdir().unwrap();
    let mut options = Options::new(data.path());
    options.settings = azure.environment();
    let mut host = FunctionsHost::start(options);
    let mut client = host.client();
    let mut said = String::new();
    let lacks = |answer: &Value, words: &str| {
        let checks = answer["checks"].as_array().unwrap().iter();
        let mut secrets = checks.filter(|check| check["name"] == "secrets");
        let detail = secrets.next().unwrap()["detail"].as_str().unwrap_or_default();
        detail.starts_with("secret `hash-key` cannot be read: ") && detail.contains(words)
    };
    within(PATIENCE, "the reason", || {
        let answer = client.get("/api/health/ready");
        said += &answer.text();
        lacks(&answer.expect(503), "status 503").then_some(())
    });
    client.get("/api/health/live").expect(200);
    assert_eq!(client.get("/").status, 200);
    azure.vault.be(VaultMood::Forbids("ForbiddenByRbac"));
    within(PATIENCE, "the other reason", || {
        let answer = client.get("/api/health/ready");
        said += &answer.text();
        lacks(&answer.expect(503), "Key Vault Secrets User").then_some(())
    });
    assert!(host.process.ended().is_none());
    azure.vault.be(VaultMood::Gives);
    host.wait_for_store();
    said += &client.get("/api/health/ready").text();
    host.process.kill();
    said += &host.process.stdout();
    said += &host.process.stderr();
    assert!(said.contains("a secret could not be read"), "{said}");
    assert!(said.contains("\"level\":\"TRACE\""), "everything was logged");
    keeps_silent(&said);
}

#[test]
fn a_handler_without_its_database_keeps_the_password_to_itself() {
    let azure = Azure::new();
    for connection in [connection(&azure.sql), "kv:sql".to_owned()] {
        let data = tempfile::tempdir().unwrap();
        let mut options = Options::new(data.path());
        options.settings = azure.environment();
        options.settings.push(("PRAVIS_STORE", "azure_sql".to_owned()));
        options.settings.push(("PRAVIS_SQL", connection));
        let mut host = FunctionsHost::start(options);
        let mut client = host.client();
        within(PATIENCE, "a second attempt", || {
            let failed = host
                .process
                .stdout()
                .matches("the store cannot be opened")
                .count();
            (failed >= 2).then_some(())
        });
        let answer = client.get("/api/health/ready");
        assert_eq!(answer.expect(503)["checks"][0]["status"], "not_ready");
        assert!(host.process.ended().is_none());
        host.process.kill();
        keeps_silent(&answer.text());
        keeps_silent(&host.process.stdout());
        keeps_silent(&host.process.stderr());
    }
}

#[test]
fn commands_without_their_database_are_one_line() {
    let azure = Azure::new();
    let data = tempfile::tempdir().unwrap();
    for (arguments, code) in [
        (&["migrate"][..], 1),
        (&["migrate", "--check"], 1),
        (&["migrate", "--grant-identity", "id-pravis", CLIENT_ID], 1),
        (&["migrate", "--grant-identity", "id-pravis", "me"], 2),
        (&["migrate", "--grant-identity", "", CLIENT_ID], 2),
        (&["migrate", "--grant-identity", "id\nGO", CLIENT_ID], 2),
        (&["migrate", "--grant-identity", "id-pravis"], 2),
        (
            &["migrate", "--check", "--grant-identity", "id-pravis", CLIENT_ID],
            2,
        ),
        (&["keys", "list"], 1),
    ] {
        let settings = [("PRAVIS_STORE", "azure_sql"), ("PRAVIS_SQL", "kv:sql")];
        let ended = azure.run(data.path(), arguments, &settings);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        assert!(
            !ended.stderr.is_empty() && !ended.stderr.contains("panicked"),
            "{ended:?}"
        );
        keeps_silent(&ended.stdout);
        keeps_silent(&ended.stderr);
    }
    assert!(!data.path().join("pravis.db").exists(), "no embedded database");
}

#[test]
fn the_embedded_database_has_no_users() {
    let data = tempfile::tempdir().unwrap();
    let mut command: Command = pravis();
    command
        .args(["migrate", "--grant-identity", "id-pravis", CLIENT_ID])
        .env("PRAVIS_DATA_DIR", data.path());
    let ended = finish(&mut command);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.error_line().contains("PRAVIS_STORE=azure_sql"), "{ended:?}");
}
