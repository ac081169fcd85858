//! The other commands, as a script meets them.

use crate::support::{Client, Finished, Serve, finish, pravis, repository};
use serde_json::{Value, json};
use std::path::Path;

/// Runs `pravis` on a data folder.
fn run(data: &Path, arguments: &[&str]) -> Finished {
    let mut command = pravis();
    command
        .args(arguments)
        .current_dir(repository())
        .env("PRAVIS_DATA_DIR", data);
    finish(&mut command)
}

#[track_caller]
fn done(data: &Path, arguments: &[&str]) -> Finished {
    let finished = run(data, arguments);
    assert_eq!(finished.code, Some(0), "{arguments:?}: {finished:?}");
    assert_eq!(finished.stderr, "", "{arguments:?}");
    finished
}

#[test]
fn migrate_checks_and_migrates() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let missing = run(&data, &["migrate", "--check"]);
    assert_eq!(missing.code, Some(3), "{missing:?}");
    assert!(missing.error_line().contains("pravis migrate"), "{missing:?}");
    assert!(!data.join("pravis.db").exists(), "a check changes nothing");
    assert_eq!(run(&data, &["migrate", "--check", "--json"]).json()["found"], 0);

    let applied = done(&data, &["migrate", "--json"]).json();
    let files = std::fs::read_dir(repository().join("migrations/sqlite")).unwrap();
    assert_eq!(applied["applied"].as_array().unwrap().len(), files.count());
    assert_eq!(done(&data, &["migrate", "--json"]).json()["applied"], json!([]));
    let check = done(&data, &["migrate", "--check", "--json"]).json();
    assert_eq!(check["found"], check["known"]);
    done(&data, &["migrate", "--check"]);
    done(&data, &["migrate"]);
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    let data = tempfile::tempdir().unwrap();
    done(data.path(), &["migrate"]);
    let database = rusqlite::Connection::open(data.path().join("pravis.db")).unwrap();
    let changed = database.execute(
        "UPDATE properties SET value = '9999' WHERE name LIKE '%minimum%' OR name LIKE '%min_%'",
        [],
    );
    assert_eq!(changed.unwrap(), 1);
    drop(database);
    for arguments in [
        &["migrate"][..],
        &["keys", "list"],
        &["seed", "--interactions", "1"],
    ] {
        let refused = run(data.path(), arguments);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.error_line().contains("newer"), "{refused:?}");
    }
}

#[test]
fn prices_are_set_and_turns_priced_anew() {
    let data = tempfile::tempdir().unwrap();
    let shipped = done(data.path(), &["prices", "list", "--model", "gpt-4o", "--json"]).json();
    assert!(shipped.as_array().unwrap().len() >= 6, "{shipped}");
    done(data.path(), &["seed", "--interactions", "200", "--days", "2"]);

    let own = [
        "prices",
        "set",
        "--provider",
        "self_hosted",
        "--model",
        "qwen3-8b",
        "--effective-from",
        "2025-01-01T00:00:00Z",
    ];
    let set = |unit: &str, price: &str| {
        let more = ["--unit", unit, "--price-micros", price, "--json"];
        done(data.path(), &[&own[..], &more[..]].concat()).json()
    };
    assert_eq!(set("input_token", "50000")["set_by"], "cli");
    set("output_token", "90000");
    let early = run(
        data.path(),
        &[&own[..], &["--unit", "output_token", "--price-micros", "1"]].concat(),
    );
    assert_eq!(early.code, Some(1), "{early:?}");
    assert!(early.error_line().contains("effective_from"), "{early:?}");
    done(
        data.path(),
        &[
            "prices",
            "deployment",
            "back-office",
            "--provider",
            "self_hosted",
            "--model",
            "qwen3-8b",
        ],
    );
    assert!(
        done(data.path(), &["prices", "deployments"])
            .stdout
            .contains("back-office")
    );
    assert!(done(data.path(), &["prices", "list"]).stdout.contains("qwen3-8b"));

    let reprice = ["reprice", "--from", "2026-01-01", "--to", "2099-01-01T00:00:00Z"];
    let dry = done(data.path(), &[&reprice[..], &["--dry-run", "--json"]].concat()).json();
    assert!(
        dry["changed"].as_u64().unwrap() > 0 && dry["run"].is_null(),
        "{dry}"
    );
    let ran = done(data.path(), &[&reprice[..], &["--json"]].concat()).json();
    assert_eq!(
        (&ran["changed"], &ran["models"]),
        (&dry["changed"], &dry["models"])
    );
    let again = done(data.path(), &reprice).stdout;
    assert!(again.starts_with("0 of "), "{again}");
    let log = done(data.path(), &["audit", "--json"]).json();
    let actions: Vec<_> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "reprice",
            "set_deployment_model",
            "set_price",
            "set_price",
            "ship_prices"
        ]
    );
    assert_eq!(
        done(data.path(), &["audit", "--limit", "2"])
            .stdout
            .lines()
            .count(),
        2
    );
    for wrong in [
        ["reprice", "--from", "soon", "--to", "2026-01-01"],
        ["reprice", "--from", "2026-01-02", "--to", "2026-01-02"],
    ] {
        assert_eq!(run(data.path(), &wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn keys_are_made_listed_and_revoked() {
    let data = tempfile::tempdir().unwrap();
    let created = done(
        data.path(),
        &[
            "keys",
            "create",
            "--name",
            "till",
            "--scopes",
            "ingest,read",
            "--json",
        ],
    );
    let created = created.json();
    let (key, id) = (created["key"].as_str().unwrap(), created["id"].as_str().unwrap());
    assert!(key.starts_with("pravis_"));
    assert_eq!(created["scopes"], json!(["ingest", "read"]));

    let listed = done(data.path(), &["keys", "list", "--json"]);
    assert!(
        !listed.stdout.contains(key) && !listed.stdout.contains("hash"),
        "{listed:?}"
    );
    assert_eq!(listed.json()[0]["id"], id);
    let line = done(data.path(), &["keys", "list"]).stdout;
    assert!(
        line.contains("live") && line.contains("till") && line.contains(id),
        "{line}"
    );

    let revoked = done(data.path(), &["keys", "revoke", id, "--json"]).json();
    assert!(revoked["revoked_at"].is_string(), "{revoked}");
    assert!(done(data.path(), &["keys", "list"]).stdout.contains("dead"));

    let unknown = run(
        data.path(),
        &["keys", "revoke", "0199d3a4-0000-7000-8000-000000000001"],
    );
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    unknown.error_line();
    let bad = run(
        data.path(),
        &["keys", "create", "--name", "till", "--scopes", "everything"],
    );
    assert_eq!(bad.code, Some(2), "{bad:?}");
    let nameless = run(data.path(), &["keys", "create", "--name", "", "--scopes", "read"]);
    assert_eq!(nameless.code, Some(1), "{nameless:?}");
    nameless.error_line();
}

#[test]
fn a_key_revoked_over_the_api_is_refused_at_once() {
    let data = tempfile::tempdir().unwrap();
    let serve = Serve::on(data.path());
    let created = done(
        data.path(),
        &["keys", "create", "--name", "a", "--scopes", "read", "--json"],
    )
    .json();
    let mut reader = Client::new(serve.port).with_key(created["key"].as_str().unwrap());
    reader.get("/api/v1/interactions").expect(200);
    let path = format!("/api/v1/keys/{}", created["id"].as_str().unwrap());
    let revoked = serve
        .client()
        .send("DELETE", &path, &[], crate::support::Body::None);
    revoked.unwrap().expect(200);
    assert_eq!(
        reader.get("/api/v1/interactions").expect(401)["code"],
        "unauthorized"
    );
    assert!(done(data.path(), &["keys", "list"]).stdout.contains("dead"));
}

#[test]
fn doctor_says_what_is_wrong_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let keyless = run(&data, &["doctor"]);
    assert_eq!(keyless.code, Some(1), "{keyless:?}");
    assert!(keyless.stdout.contains("pravis keys create"), "{keyless:?}");
    keyless.error_line();

    done(&data, &["keys", "create", "--name", "a", "--scopes", "admin"]);
    let well = done(&data, &["doctor"]).stdout;
    assert!(well.lines().all(|line| line.starts_with("ok ")), "{well}");
    let findings = done(&data, &["doctor", "--json"]).json();
    let findings = findings.as_array().unwrap();
    assert!(findings.len() >= 4 && findings.iter().all(|finding| finding["ok"] == true));

    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let bad = run(&file, &["doctor", "--json"]);
    assert_eq!(bad.code, Some(1), "{bad:?}");
    let wrong: Vec<Value> = bad.json().as_array().unwrap().clone();
    let wrong: Vec<_> = wrong.iter().filter(|finding| finding["ok"] == false).collect();
    assert!(
        !wrong.is_empty() && wrong.iter().all(|finding| finding["advice"].is_string()),
        "{bad:?}"
    );

    let mut command = pravis();
    command
        .args(["doctor"])
        .env("PRAVIS_DATA_DIR", &data)
        .env("PRAVIS_TIMEZONE", "UTC");
    let misspelt = finish(&mut command);
    assert_eq!(misspelt.code, Some(1), "{misspelt:?}");
    assert!(
        misspelt.stdout.contains("BAD") && misspelt.stdout.contains("PRAVIS_TIMEZONE"),
        "{misspelt:?}"
    );
}

#[test]
fn openapi_is_a_json_document() {
    let data = tempfile::tempdir().unwrap();
    let document = done(data.path(), &["openapi"]).json();
    assert!(
        document["openapi"].as_str().unwrap().starts_with("3."),
        "{document}"
    );
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.keys().any(|path| path.ends_with("/v1/interactions/batch")));
    assert_eq!(
        std::fs::read_dir(data.path()).unwrap().count(),
        0,
        "needs no database"
    );
}

#[test]
fn seed_stores_about_as_many_as_were_asked_for() {
    let data = tempfile::tempdir().unwrap();
    let seeded = done(data.path(), &["seed", "--interactions", "500", "--json"]).json();
    let turns = seeded["interactions"].as_u64().unwrap();
    assert!((400..=600).contains(&turns), "{seeded}");
    assert!(seeded["feedback"].as_u64().unwrap() > 0, "{seeded}");
    let database = rusqlite::Connection::open(data.path().join("pravis.db")).unwrap();
    let stored: u64 = database
        .query_row("SELECT count(*) FROM interactions", [], |row| row.get(0))
        .unwrap();
    assert_eq!(stored, turns);
    assert!(
        done(data.path(), &["seed", "--interactions", "10", "--seed", "8"])
            .stdout
            .contains("Stored")
    );
}

#[test]
fn run_of_an_unknown_trigger_names_the_known_ones() {
    let data = tempfile::tempdir().unwrap();
    let unknown = run(data.path(), &["run", "timer_retentoin"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.error_line().contains("timer_retention"), "{unknown:?}");
}

#[test]
fn run_fires_a_trigger_once() {
    let data = tempfile::tempdir().unwrap();
    let ran = done(data.path(), &["run", "timer_retention", "--json"]).json();
    assert_eq!(ran["trigger"], "timer_retention");
    done(data.path(), &["run", "timer_retention"]);
}

#[test]
fn usage_and_version() {
    let data = tempfile::tempdir().unwrap();
    let version = done(data.path(), &["--version"]).stdout;
    let commit = pravis::version::COMMIT.map_or_else(String::new, |commit| format!(" ({commit})"));
    assert_eq!(
        version.trim(),
        format!("pravis {}{commit}", env!("CARGO_PKG_VERSION"))
    );
    let nothing = run(data.path(), &[]);
    assert_eq!(nothing.code, Some(2), "{nothing:?}");
    assert!(
        nothing.stderr.contains("Usage:") && nothing.stdout.is_empty(),
        "{nothing:?}"
    );
    for wrong in [&["surf"][..], &["serve", "--port", "1"], &["seed", "--days", "0"]] {
        let ended = run(data.path(), wrong);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(
            ended.stdout.is_empty() && !ended.stderr.contains("backtrace"),
            "{ended:?}"
        );
    }
}

#[test]
fn a_store_that_cannot_be_opened_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for arguments in [
        &["migrate"][..],
        &["keys", "list"],
        &["seed", "--interactions", "1"],
        &["run", "timer_retention"],
        &["serve"],
    ] {
        let mut command = pravis();
        command
            .args(arguments)
            .current_dir(repository())
            .env("RUST_BACKTRACE", "1")
            .env("PRAVIS_ADDRESS", "127.0.0.1:0")
            .env("PRAVIS_DATA_DIR", &file);
        let ended = finish(&mut command);
        assert_eq!(ended.code, Some(1), "{arguments:?}: {ended:?}");
        ended.error_line();
    }
    // A database that is none.
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let data = folder.path().join("data");
    std::fs::write(data.join("pravis.db"), "not a database at all, ".repeat(500)).unwrap();
    let ended = run(&data, &["keys", "list"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.error_line();
}
