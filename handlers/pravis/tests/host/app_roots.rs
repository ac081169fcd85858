//! Reading a root folder, above all one with mistakes.

use std::fs;
use std::path::Path;

use pravis::host::app_root::AppRoot;
use pravis::host::function::Trigger;
use pravis::host::host_json::HostJson;
use pravis::host::retry::RetryPolicy;
use tempfile::TempDir;

const HOST: &str =
    r#"{"version": "2.0", "customHandler": {"description": {"defaultExecutablePath": "pravis"}}}"#;
const HTTP: &str = r#"{"bindings": [
    {"type": "httpTrigger", "direction": "in", "name": "req", "route": "items"},
    {"type": "http", "direction": "out", "name": "res"}]}"#;
const TIMER: &str =
    r#"{"bindings": [{"type": "timerTrigger", "direction": "in", "name": "t", "schedule": "%S%"}]}"#;

fn write(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn root(files: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().unwrap();
    write(root.path(), "host.json", HOST);
    for (file, text) in files {
        write(root.path(), file, text);
    }
    root
}

fn error(files: &[(&str, &str)]) -> String {
    AppRoot::read(root(files).path(), &|_| None)
        .unwrap_err()
        .to_string()
}

#[test]
fn both_layouts_are_read() {
    for folder in ["", "functions/"] {
        let root = root(&[
            (&format!("{folder}b/function.json"), HTTP),
            (&format!("{folder}A/function.json"), TIMER),
        ]);
        let app = AppRoot::read(root.path(), &|name| {
            (name == "S").then(|| "0 0 3 * * *".to_owned())
        })
        .unwrap();
        let names: Vec<_> = app.functions.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["A", "b"]);
        assert!(matches!(&app.functions[0].trigger, Trigger::Timer(t) if t.use_monitor && !t.run_on_startup));
    }
}

#[test]
fn a_mistake_is_told_with_its_file_and_field() {
    let misspelt = HTTP.replace("route", "rout");
    let unknown_type = HTTP.replace("httpTrigger", "httpTriger");
    let wrong_way = HTTP.replace(r#""in""#, r#""out""#);
    let method = HTTP.replace(r#""route": "items""#, r#""methods": ["fetch"]"#);
    let template = HTTP.replace("items", "items/{id");
    let reserved = HTTP.replace("items", "admin/items");
    let twice = HTTP.replace("res", "Req");
    let dashed = HTTP.replace("res", "the-answer");
    let alone = r#"{"bindings": [{"type": "httpTrigger", "direction": "in", "name": "req"}]}"#;
    let no_trigger = r#"{"bindings": [{"type": "http", "direction": "out", "name": "res"}]}"#;
    let trailing = format!("{HTTP} x");
    let bad_retry = TIMER.replace(
        "]}",
        r#"], "retry": {"strategy": "fixedDelay", "maxRetryCount": 1, "delayInterval": "10"}}"#,
    );
    for (text, parts) in [
        (misspelt.as_str(), &["bindings[0]", "unknown field `rout`"][..]),
        (&unknown_type, &["bindings[0]", "`httpTriger`", "httpTrigger"]),
        (&wrong_way, &["bindings[0]", "`out`", "`in`"]),
        (&method, &["bindings[0]", "`fetch`", "patch"]),
        (&template, &["route", "items/{id"]),
        (&reserved, &["route", "admin"]),
        (&twice, &["bindings[1].name", "twice"]),
        (&dashed, &["bindings[1].name", "the-answer"]),
        (alone, &["http output"]),
        (no_trigger, &["0 triggers"]),
        (&trailing, &["trailing"]),
        (TIMER, &["schedule", "S is not set"]),
        (&bad_retry, &["`10` is no time span"]),
    ] {
        let error = error(&[("functions/get_item/function.json", text)]);
        for part in parts {
            assert!(error.contains(part), "{part} is not in: {error}");
        }
        assert!(
            error.contains("get_item") && error.contains("function.json"),
            "{error}"
        );
    }
}

#[test]
fn names_are_checked_as_the_host_does() {
    for name in ["1st", "a.b", "host", "_a", &"a".repeat(129)] {
        let error = error(&[(&format!("functions/{name}/function.json"), HTTP)]);
        assert!(error.contains("is no function name"), "{error}");
    }
    assert!(error(&[("functions/api/function.json", HTTP)]).contains("route prefix"));
    assert!(error(&[("functions/a/f.json", HTTP)]).contains("no folder with a function.json"));
    let two = error(&[
        ("functions/Ab/function.json", HTTP),
        ("functions/aB/function.json", HTTP),
    ]);
    assert!(two.contains("only by case"), "{two}");
}

#[test]
fn the_operator_can_disable_a_function() {
    let root = root(&[
        ("functions/a/function.json", HTTP),
        ("functions/t/function.json", TIMER),
    ]);
    for setting in ["AzureWebJobs.t.Disabled", "AzureWebJobs_t_Disabled"] {
        let app = AppRoot::read(root.path(), &|name| (name == setting).then(|| "True".to_owned())).unwrap();
        assert_eq!(app.disabled, ["t"]);
        assert_eq!(app.functions.len(), 1);
    }
}

#[test]
fn host_json_gives_its_retry_policy_to_those_that_have_none() {
    let root = root(&[("functions/a/function.json", HTTP)]);
    let retry = r#""retry": {"strategy": "exponentialBackoff", "maxRetryCount": 5,
        "minimumInterval": "00:00:10", "maximumInterval": "00:15:00"}, "version""#;
    write(root.path(), "host.json", &HOST.replace(r#""version""#, retry));
    let app = AppRoot::read(root.path(), &|_| None).unwrap();
    assert!(matches!(
        app.functions[0].retry,
        Some(RetryPolicy::ExponentialBackoff {
            max_retry_count: 5,
            ..
        })
    ));
}

#[test]
fn host_json_is_checked_for_its_spelling() {
    for (wrong, part) in [
        (HOST.replace("2.0", "2"), "`2`"),
        (HOST.replace("customHandler", "customHandlr"), "customHandlr"),
        (HOST.replace("defaultExecutablePath", "executable"), "executable"),
        (
            HOST.replace(r#""version""#, r#""functionTimeout": "ten", "version""#),
            "ten",
        ),
    ] {
        let error = serde_json::from_str::<HostJson>(&wrong).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
