//! Reports by the real program: from the command line, through kills, and sent by `serve`.

use crate::support::{
    Client, Finished, PATIENCE, Process, Random, Serve, finish, key, pravis, repository, within,
};
use rusqlite::Connection;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use testkit::{HookStub, MailMood, MailServer};

/// Fewer than the attempts after which a report is given up.
const KILLS: usize = 4;

fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = pravis();
    command
        .args(arguments)
        .current_dir(repository())
        .env("PRAVIS_DATA_DIR", data)
        .env("PRAVIS_REPORT_HOUR", "0");
    command
}

fn run(data: &Path, arguments: &[&str]) -> Finished {
    finish(&mut command(data, arguments))
}

/// Settings of a shop that tells `hook` of its reports.
fn telling(command: &mut Command, hook: &HookStub) {
    let secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    command
        .env("PRAVIS_WEBHOOKS", format!("{}/|{secret}", hook.url()))
        .env("PRAVIS_WEBHOOKS_ALLOW_PRIVATE", "true");
}

#[test]
fn a_report_is_made_on_the_command_line() {
    let data = tempfile::tempdir().unwrap();
    let out = data.path().join("out");
    let arguments = [
        "report",
        "weekly",
        "--period",
        "2026-W40",
        "--json",
        "--out",
        out.to_str().unwrap(),
    ];
    let made = run(data.path(), &arguments);
    assert_eq!((made.code, made.stderr.as_str()), (Some(0), ""), "{made:?}");
    let report = made.json();
    assert_eq!(
        (&report["period"], &report["revision"]),
        (&json!("2026-W40"), &json!(2))
    );
    for format in ["html", "json", "csv"] {
        let file = out.join(format!("weekly-2026-W40-r2.{format}"));
        let length = std::fs::metadata(&file).unwrap().len();
        assert_eq!(json!(length), report["sizes"][format]);
    }
    let again = run(data.path(), &["report", "weekly", "--period", "2026-W40"]);
    assert!(
        again.stdout.starts_with("weekly 2026-W40, revision 3: "),
        "{again:?}"
    );
    for wrong in ["2026-W60", "2999-W01", "2026-11"] {
        let told = run(data.path(), &["report", "weekly", "--period", wrong]);
        assert_eq!(told.code, Some(2), "{told:?}");
        assert!(told.error_line().contains("/period"), "{told:?}");
    }
    let none = run(data.path(), &["report", "deliveries", "--state", "dead"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""), "{none:?}");
    let id = report["id"].as_str().unwrap();
    let resent = run(data.path(), &["report", "resend", id, "--json"]);
    assert_eq!(
        resent.json(),
        json!({"report": id, "resent": 0}),
        "nobody was to get it"
    );
    let unknown = run(
        data.path(),
        &["report", "resend", "00000000-0000-0000-0000-000000000001"],
    );
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
}

/// Wherever a run is killed, the next ones make one report, and its reader is told of that one.
#[test]
fn kills_neither_lose_nor_repeat_a_report() {
    let data = tempfile::tempdir().unwrap();
    let hook = HookStub::start();
    let key = key(data.path(), "read");
    let mut random = Random::seeded();
    let timer = || {
        let mut command = command(data.path(), &["run", "timer_weekly_report"]);
        telling(&mut command, &hook);
        command
    };
    for _ in 0..KILLS {
        let mut process = Process::start(&mut timer());
        std::thread::sleep(Duration::from_millis(random.within(10..400)));
        process.kill();
        lapse(data.path());
    }
    // The first one finds what is left, and the second one nothing more.
    for _ in 0..2 {
        let done = finish(&mut timer());
        assert_eq!(done.code, Some(0), "{done:?}");
    }
    let mut serve = Serve::command(data.path());
    telling(&mut serve, &hook);
    let serve = Serve::start(&mut serve);
    let mut client = Client::new(serve.port).with_key(&key);
    let reports = client.get("/api/v1/reports").expect(200);
    let [report] = reports["items"].as_array().unwrap().as_slice() else {
        panic!("{reports}")
    };
    assert_eq!(
        (&report["status"], &report["revision"]),
        (&json!("ready"), &json!(1)),
        "{report}"
    );
    let path = format!("/api/v1/reports/{}", report["id"].as_str().unwrap());
    for format in ["html", "json", "csv"] {
        assert_eq!(client.get(&format!("{path}/{format}")).status, 200, "{format}");
    }
    within(PATIENCE, "the delivery", || {
        let shown = client.get(&path).expect(200);
        (shown["deliveries"][0]["state"] == "sent").then_some(())
    });
    let ids: BTreeSet<_> = hook
        .calls()
        .iter()
        .map(|call| call.header("webhook-id").to_owned())
        .collect();
    assert_eq!(ids.len(), 1);
}

/// As if the ten minutes of a claim were over.
fn lapse(data: &Path) {
    let database = Connection::open(data.join("pravis.db")).unwrap();
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    database
        .execute(
            "UPDATE reports SET claimed_until = 0 WHERE status = 'claimed'",
            [],
        )
        .unwrap();
}

#[test]
fn many_programs_at_once_make_one_report() {
    let data = tempfile::tempdir().unwrap();
    assert_eq!(run(data.path(), &["migrate"]).code, Some(0));
    let timers: Vec<_> = (0..4)
        .map(|_| {
            let data = data.path().to_owned();
            std::thread::spawn(move || run(&data, &["run", "timer_monthly_report", "--json"]))
        })
        .collect();
    let told: Vec<_> = timers.into_iter().map(|timer| timer.join().unwrap()).collect();
    let made = told.iter().filter(|told| told.stdout.contains("made")).count();
    assert_eq!(made, 1, "{told:?}");
    assert!(told.iter().all(|told| told.code == Some(0)), "{told:?}");
}

#[test]
fn serve_sends_what_is_asked_for() {
    let data = tempfile::tempdir().unwrap();
    let (hook, mail) = (HookStub::start(), MailServer::start());
    let mut serve = Serve::command(data.path());
    telling(&mut serve, &hook);
    serve
        .env("PRAVIS_SMTP", format!("smtp://{}?tls=none", mail.address()))
        .env("PRAVIS_MAIL_FROM", "reports@shop.example")
        .env("PRAVIS_REPORT_RECIPIENTS", "anna@shop.example");
    let serve = Serve::start(&mut serve);
    let mut client = serve.client();
    let made = client.post("/api/v1/reports", &json!({"kind": "monthly", "deliver": true}));
    let id = made.expect(201)["id"].as_str().unwrap().to_owned();
    within(PATIENCE, "mail and call", || {
        (mail.received().len() == 1 && hook.calls().len() == 1).then_some(())
    });
    assert_eq!(hook.calls()[0].json()["data"]["report"]["id"], json!(id));
    within(PATIENCE, "both to be noted", || {
        let shown = client.get(&format!("/api/v1/reports/{id}")).expect(200);
        let deliveries = shown["deliveries"].as_array().unwrap();
        deliveries.iter().all(|one| one["state"] == "sent").then_some(())
    });
}

/// The findings of `doctor` with these names, as whether all is well and what it says.
fn found(data: &Path, settings: &[(&str, &str)]) -> Vec<(String, bool, String)> {
    let mut doctor = command(data, &["doctor", "--json"]);
    doctor.envs(settings.iter().copied());
    let doctor = finish(&mut doctor);
    let findings = doctor.json();
    let outside = findings
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| ["mail", "language", "telemetry"].contains(&finding["name"].as_str().unwrap()));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    outside
        .map(|finding| {
            (
                text(&finding["name"]),
                finding["ok"] == true,
                text(&finding["detail"]),
            )
        })
        .collect()
}

#[test]
fn doctor_tries_mail_language_and_telemetry_and_sends_nothing() {
    let data = tempfile::tempdir().unwrap();
    assert_eq!(found(data.path(), &[]), [], "what is not set is not tried");
    let (mail, hook) = (MailServer::start(), HookStub::start());
    let smtp = format!("smtp://anna:s3cret@{}?tls=none", mail.address());
    let endpoint = hook.url();
    let settings = |smtp| {
        [
            ("PRAVIS_SMTP", smtp),
            ("PRAVIS_MAIL_FROM", "reports@shop.example"),
            ("PRAVIS_REPORT_RECIPIENTS", "anna@shop.example"),
            ("PRAVIS_LANGUAGE_ENDPOINT", endpoint.as_str()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ]
    };
    let well = found(data.path(), &settings(&smtp));
    let names: Vec<_> = well.iter().map(|(name, ok, _)| (name.as_str(), *ok)).collect();
    assert_eq!(
        names,
        [("mail", true), ("language", true), ("telemetry", true)],
        "{well:?}"
    );
    assert_eq!(mail.received(), []);
    assert!(hook.calls().iter().all(|call| call.body.is_empty()));

    mail.be(MailMood::Answers("AUTH", "535 5.7.8 anna s3cret is not known"));
    let refused = found(data.path(), &settings(&smtp));
    assert_eq!(refused[0].2, "the mail server refuses user or password (535)");
    // It offers no TLS, and nothing listens at the second address.
    let plain = format!("smtp://{}", mail.address());
    let refused = found(data.path(), &settings(&plain));
    assert!(!refused[0].1, "{refused:?}");
    drop(hook);
    let away = found(data.path(), &settings(&smtp));
    for (name, ok, detail) in &away[1..] {
        assert!(!ok && detail.ends_with("cannot be reached"), "{name}: {detail}");
    }
    assert!(!format!("{refused:?}{away:?}").contains("s3cret"));
}
