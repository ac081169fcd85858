//! What a report says of a shop that is known turn by turn.

use super::golden::{MADE, paris, report_on, shop, week};
use super::made_up::{HOSTILE, hostile, huge};
use domain::reports::content::{Flaw, Metric};
use domain::reports::{Period, ReportKind};
use insta::{assert_json_snapshot, assert_snapshot};
use pravis::reports::content::{content, documents, render};
use serde_json::Value;
use testkit::TestApp;

#[tokio::test]
async fn a_week_in_all_its_forms() {
    let app = shop().await;
    let made = MADE.parse().unwrap();
    let documents = documents(&*app.store(), &week(), &paris(), 1, made)
        .await
        .unwrap();
    assert_snapshot!("week_csv", documents.csv);
    assert_snapshot!("week_html", documents.html);
    let json: Value = serde_json::from_str(&documents.json).unwrap();
    assert_json_snapshot!("week_json", json);
    assert_snapshot!(documents.headline, @"96 turns (23.1% more), 89.6% succeeded, rated 3.72");
}

#[tokio::test]
async fn the_parts_add_up_to_the_whole() {
    let app = shop().await;
    let day = Period::parse(ReportKind::Daily, "2026-11-18", &paris()).unwrap();
    let month = Period::parse(ReportKind::Monthly, "2026-11", &paris()).unwrap();
    for (period, parts) in [(day, 24), (week(), 7), (month, 30)] {
        let report = report_on(&app, &period).await;
        let points = &report.series.points;
        assert_eq!(points.len(), parts);
        let total: i64 = points.iter().map(|point| point.interactions).sum();
        let figure = |metric| report.figure(metric).unwrap().value;
        assert_eq!(figure(Metric::Interactions), Some(total as f64));
        let feedback: i64 = points.iter().map(|point| point.feedback).sum();
        assert_eq!(figure(Metric::Feedback), Some(feedback as f64));
        let cost: i64 = points.iter().filter_map(|point| point.cost_micros).sum();
        assert_eq!(figure(Metric::Cost), Some(cost as f64));
        for groups in [&report.models, &report.types] {
            assert_eq!(
                groups.items.iter().map(|group| group.interactions).sum::<i64>(),
                total
            );
        }
        let unpriced: i64 = report.unpriced.iter().map(|model| model.turns).sum();
        let note = report
            .quality
            .notes
            .iter()
            .find(|note| note.flaw == Flaw::WithoutCost);
        assert_eq!(note.unwrap().count, unpriced);
    }
}

#[tokio::test]
async fn an_empty_shop_knows_nothing_and_says_so() {
    let app = TestApp::new().await;
    let report = report_on(&app, &week()).await;
    for figure in &report.headline {
        let counted = matches!(
            figure.metric,
            Metric::Interactions | Metric::Feedback | Metric::ActiveUsers | Metric::Sessions
        );
        assert_eq!(figure.value, counted.then_some(0.0), "{:?}", figure.metric);
        assert_eq!(figure.p_value, None, "{:?}", figure.metric);
    }
    let documents = render(&report, &paris()).unwrap();
    assert!(documents.html.contains("Nothing to show"));
    assert!(!documents.html.contains("NaN") && !documents.json.contains("NaN"));
    assert_eq!(documents.headline, "0 turns");
}

#[tokio::test]
async fn what_is_not_over_says_so_and_what_is_pending_for_long_is_told() {
    let app = TestApp::with(&[("PRAVIS_TIME_ZONE", "Europe/Paris")]).await;
    app.clock().set("2026-11-20T12:00:00Z");
    let admin = app.admin().await;
    for at in ["2026-11-18T10:00:00Z", "2026-11-20T11:00:00Z"] {
        let turn = testkit::turn(serde_json::json!({"started_at": at}));
        admin.post("/api/v1/interactions", turn).await.assert_status(201);
    }
    let now = app.clock().now();
    let (store, zone) = (app.store(), paris());
    let report = content(&*store, &week(), &zone, 1, now).await.unwrap();
    let quality = report.quality;
    assert!(!quality.complete);
    let pending = quality.notes.iter().find(|note| note.flaw == Flaw::LongPending);
    assert_eq!(pending.map(|note| (note.count, note.of)), Some((1, 2)));
}

/// Every tag of the templates and of the charts.
const TAGS: [&str; 32] = [
    "!doctype",
    "!--[if",
    "!--",
    "![endif]--",
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
    "p",
    "h1",
    "h2",
    "h3",
    "b",
    "bdi",
    "br",
    "span",
    "svg",
    "text",
    "line",
    "polyline",
    "polygon",
    "rect",
    "circle",
];

#[tokio::test]
async fn hostile_texts_stay_texts() {
    let documents = render(&hostile().await, &paris()).unwrap();
    let html = &documents.html;
    for rest in html.split('<').skip(1) {
        let (tag, _) = rest.split_once('>').unwrap_or((rest, ""));
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap();
        assert!(TAGS.contains(&name), "<{tag}>");
        for attribute in tag.split([' ', '\n']).skip(1) {
            let attribute = attribute.split('=').next().unwrap().to_lowercase();
            let runs = attribute.starts_with("on") || ["src", "href", "xlink:href"].contains(&&*attribute);
            assert!(!runs, "<{tag}>");
        }
    }
    assert!(
        html.contains("&#60;script&#62;alert(&#39;x&#39;)"),
        "it is there, as a text"
    );
    assert!(html.contains(HOSTILE[2]), "letters of any script are shown");
}

#[tokio::test]
async fn no_cell_of_the_table_is_a_formula() {
    let mut report = hostile().await;
    let formulas = [
        "=1+1",
        "+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "＝1",
        "=cmd|' /C calc'!A0",
    ];
    for (group, formula) in report.models.items.iter_mut().zip(formulas) {
        group.name = Some(formula.to_owned());
    }
    for (turn, formula) in report.best.iter_mut().zip(formulas.iter().rev()) {
        turn.comment = Some((*formula).to_owned());
    }
    let table = render(&report, &paris()).unwrap().csv;
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    for row in rows.records() {
        for cell in row.unwrap().iter() {
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '＝']) && cell.parse::<f64>().is_err();
            assert!(!formula, "{cell}");
        }
    }
}

#[test]
fn ten_million_turns_fit_into_a_mail() {
    let documents = render(&huge(), &paris()).unwrap();
    assert!(
        documents.html.len() < 102_000,
        "Gmail cuts what is longer: {}",
        documents.html.len()
    );
    assert!(documents.html.contains("10,354,149"));
    assert!(documents.html.contains("and 5 more"));
}
