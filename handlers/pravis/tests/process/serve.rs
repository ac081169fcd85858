//! `pravis serve`, as a person meets it.

use crate::support::{PATIENCE, Serve, copy, finish, pravis, repository, within};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

fn turns(serve: &Serve, key: &str) -> Value {
    let mut client = crate::support::Client::new(serve.port).with_key(key);
    client.get("/api/v1/analytics/interactions?days=40").expect(200)["total"].clone()
}

/// Ctrl-C, and what comes of it.
fn interrupt(mut serve: Serve) {
    serve.process.signal("INT");
    let status = serve.process.wait();
    assert_eq!(status.code(), Some(0), "{}", serve.process.stderr());
    assert_eq!(serve.process.stdout().lines().last(), Some("Ended."));
    assert_eq!(serve.process.stderr(), "");
}

#[test]
#[ignore = "needs curl"]
fn the_curl_line_of_a_first_start_works_as_pasted() {
    let data = tempfile::tempdir().unwrap();
    let serve = Serve::on(data.path());
    let stdout = serve.process.stdout();
    let line = stdout
        .lines()
        .find_map(|line| line.strip_prefix("Try: "))
        .unwrap();
    assert!(line.starts_with("curl "), "{line}");
    let answer = finish(Command::new("sh").args(["-c", line]));
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert_eq!(answer.json()["total"], 0, "{answer:?}");
}

#[test]
fn a_first_start_shows_address_and_key_and_a_second_one_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("made/by/it");
    let first = Serve::on(&data);
    assert!(first.url.starts_with("http://127.0.0.1:"), "{}", first.url);
    let key = first.key.clone().unwrap();
    assert!(key.starts_with("pravis_") && key.len() > 43, "{key}");
    let turn = json!({"type": "chat", "session_id": "s-1"});
    first.client().post("/api/v1/interactions", &turn).expect(201);
    interrupt(first);

    let second = Serve::on(&data);
    assert_eq!(second.key, None);
    assert!(
        !second.process.stdout().contains("pravis_"),
        "{}",
        second.process.stdout()
    );
    assert_eq!(turns(&second, &key), 1, "the key and the turn of the first start");
    interrupt(second);
}

#[test]
fn demo_fills_an_empty_database_and_no_other() {
    let data = tempfile::tempdir().unwrap();
    let first = Serve::start(Serve::command(data.path()).arg("--demo"));
    let key = first.key.clone().unwrap();
    let filled = turns(&first, &key);
    assert!(filled.as_u64().unwrap() > 1_000, "{filled}");
    let numbers = first
        .client()
        .get("/api/v1/analytics/interactions?days=30")
        .expect(200);
    assert!(numbers["failed"].as_u64().unwrap() > 0);
    assert!(numbers["by_model"].as_array().unwrap().len() > 1);
    let opinions = first
        .client()
        .get("/api/v1/analytics/feedback?days=30")
        .expect(200);
    assert!(!opinions["latest_comments"].as_array().unwrap().is_empty());
    interrupt(first);

    let second = Serve::start(Serve::command(data.path()).arg("--demo"));
    assert_eq!(turns(&second, &key), filled);
}

#[test]
fn it_ends_on_ctrl_c_also_with_connections_open() {
    let data = tempfile::tempdir().unwrap();
    let serve = Serve::on(data.path());
    let mut idle = serve.client();
    idle.get("/api/health/live").expect(200);
    let began = std::time::Instant::now();
    interrupt(serve);
    assert!(
        began.elapsed() < std::time::Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn a_port_in_use_is_told_in_one_line() {
    let data = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = finish(Serve::command(data.path()).env("PRAVIS_ADDRESS", &address));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.error_line().contains(&address), "{ended:?}");
    assert!(ended.error_line().contains("PRAVIS_ADDRESS"), "{ended:?}");
}

#[test]
fn a_typo_in_a_function_json_is_named_with_file_and_field() {
    let root = tempfile::tempdir().unwrap();
    copy(&repository().join("functions"), &root.path().join("functions"));
    std::fs::copy(repository().join("host.json"), root.path().join("host.json")).unwrap();
    let file = root.path().join("functions/create_feedback/function.json");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"authLevel\""), "{text}");
    std::fs::write(&file, text.replace("\"authLevel\"", "\"authLevle\"")).unwrap();

    let data = tempfile::tempdir().unwrap();
    let start = |root: &Path| finish(Serve::command(data.path()).arg("--root").arg(root));
    let ended = start(root.path());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let line = ended.error_line();
    assert!(line.contains("create_feedback/function.json"), "{line}");
    assert!(line.contains("authLevle"), "{line}");

    std::fs::write(&file, "{").unwrap();
    assert!(
        start(root.path())
            .error_line()
            .contains("create_feedback/function.json")
    );
    let nothing = tempfile::tempdir().unwrap();
    assert!(start(nothing.path()).error_line().contains("host.json"));
}

#[test]
fn a_misspelt_setting_is_named() {
    let data = tempfile::tempdir().unwrap();
    for (name, value) in [
        ("PRAVIS_ADRESS", "127.0.0.1:0"),
        ("PRAVIS_TIME_ZONE", "Europe/Pariss"),
        ("PRAVIS_RATE_LIMIT_BURST", "0"),
        ("PRAVIS_LOG", "pravis=lowd"),
        ("PRAVIS_PUBLIC_URL", "shop.example"),
        ("PRAVIS_STORE", "mysql"),
        ("PRAVIS_TELEMETRY_SAMPLING", "2"),
        ("PRAVIS_LOGS_ENDPOINT", "logs.example"),
        ("PRAVIS_HASH_KEY", "short"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector.example:4318"),
        (
            "APPLICATIONINSIGHTS_CONNECTION_STRING",
            "InstrumentationKey=k;Authorization=AAD",
        ),
        (
            "APPLICATIONINSIGHTS_CONNECTION_STRING",
            "InstrumentationKey=k;IngestionEndpoint=https://a=b",
        ),
        ("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "ClientId=c"),
    ] {
        let ended = finish(Serve::command(data.path()).env(name, value));
        assert_eq!(ended.code, Some(2), "{name}: {ended:?}");
        assert!(ended.error_line().contains(name), "{ended:?}");
    }
}

#[test]
fn a_second_serve_on_the_same_data_works() {
    let data = tempfile::tempdir().unwrap();
    let one = Serve::on(data.path());
    let other = Serve::on(data.path());
    let key = one.key.clone().unwrap();
    let client = |serve: &Serve| crate::support::Client::new(serve.port).with_key(&key);
    for serve in [&one, &other, &one, &other] {
        let turn = json!({"type": "chat", "session_id": "s-1"});
        client(serve).post("/api/v1/interactions", &turn).expect(201);
    }
    assert_eq!((turns(&one, &key), turns(&other, &key)), (json!(4), json!(4)));
}

#[test]
fn two_first_starts_at_once_both_work() {
    let data = tempfile::tempdir().unwrap();
    let start = || Serve::on(data.path());
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(start);
        let other = scope.spawn(start);
        (one.join().unwrap(), other.join().unwrap())
    });
    // Both may have made a key; each that was shown works, on both.
    let keys: Vec<_> = [&one, &other]
        .iter()
        .filter_map(|serve| serve.key.clone())
        .collect();
    assert!(!keys.is_empty());
    for key in &keys {
        assert_eq!((turns(&one, key), turns(&other, key)), (json!(0), json!(0)));
    }
}

#[test]
fn timers_are_fired_and_what_they_answer_is_no_error() {
    let data = tempfile::tempdir().unwrap();
    let serve = Serve::start(Serve::command(data.path()).env("PRAVIS_RETENTION_SCHEDULE", "* * * * * *"));
    let log = within(PATIENCE, "a timer", || {
        let log = serve.process.stdout();
        log.contains("timer_retention").then_some(log)
    });
    assert!(!log.contains('\u{1b}'), "colours are for terminals: {log}");
    assert!(!log.contains(" WARN ") && !log.contains(" ERROR "), "{log}");
}

#[test]
fn another_folder_than_the_repository_is_told_what_to_do() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ended = finish(
        pravis()
            .arg("serve")
            .current_dir(folder.path())
            .env("PRAVIS_DATA_DIR", data.path()),
    );
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.error_line().contains("--root"), "{ended:?}");
}
