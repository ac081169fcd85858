//! The pages in a browser: what they load, whether they fit, and whether they can be read.

use super::golden::paris;
use super::made_up::all;
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use pravis::reports::content::render;
use serde_json::{Value, json};
use std::process::Command;

/// Looks at each page through a frame of each width, and leaves what it saw in the document.
const LOOK: &str = include_str!("look.html");

#[tokio::test]
#[ignore = "needs chromium"]
async fn pages_fit_can_be_read_and_load_nothing() {
    let reports = all().await;
    let names: Vec<_> = reports.iter().map(|(name, _)| *name).collect();
    let look = LOOK.replace("PAGES", &json!(names).to_string());
    let mut pages = Router::new().route("/look", get(move || async move { Html(look) }));
    for (name, report) in &reports {
        let html = render(report, &paris()).unwrap().html;
        pages = pages.route(&format!("/{name}"), get(move || async move { Html(html) }));
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/look", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, pages).await });
    for scheme in ["light", "dark"] {
        let address = address.clone();
        let seen = tokio::task::spawn_blocking(move || look_at(&address, scheme))
            .await
            .unwrap();
        let seen = seen.as_array().unwrap();
        assert_eq!(seen.len(), names.len() * 3);
        for page in seen {
            assert_eq!(page["scheme"], scheme);
            assert!(page["text"].as_u64().unwrap() > 100, "{page}");
            assert_eq!(page["overflow"], 0, "{page}");
            assert_eq!(page["loaded"], json!([]), "{page}");
            assert_eq!(page["unreadable"], json!([]), "{page}");
        }
    }
    serving.abort();
}

fn look_at(address: &str, scheme: &str) -> Value {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        // Whatever a page asked of another host would fail, and be told.
        .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
        .args([
            "--enable-logging=stderr",
            "--window-size=1000,1400",
            "--virtual-time-budget=20000",
            "--dump-dom",
        ])
        .arg(format!(
            "--blink-settings=preferredColorScheme={}",
            u8::from(scheme == "light")
        ))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(address)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    let console: Vec<_> = told.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(console.is_empty(), "{console:?}");
    let dom = String::from_utf8_lossy(&output.stdout);
    let seen = dom
        .split_once("<pre>")
        .and_then(|(_, rest)| rest.split_once("</pre>"));
    let (seen, _) = seen.unwrap_or_else(|| panic!("the look did not end: {dom} {told}"));
    let seen = seen
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    serde_json::from_str(&seen).unwrap()
}
