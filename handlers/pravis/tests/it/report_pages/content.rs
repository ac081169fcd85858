//! What a report says of a shop that is known turn by turn.

use super::golden::{MADE, paris, report_on, shop, week};
use super::made_up::{HOSTILE, hostile, huge};
use domain::analytics::FunnelFigures;
use domain::reports::content::{Flaw, Metric};
use domain::reports::{Period, ReportKind};
use insta::{assert_json_snapshot, assert_snapshot};
use pravis::reports::content::{content, documents, render};
use serde_json::{Value, json};
use testkit::{TestApp, id};

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
        let orders: i64 = points.iter().filter_map(|point| point.orders).sum();
        assert_eq!(figure(Metric::Orders), Some(orders as f64));
        for figure in report
            .headline
            .iter()
            .filter(|figure| figure.metric == Metric::Revenue)
        {
            let currency = figure.currency.as_deref().unwrap();
            let by_part = points.iter().flat_map(|point| &point.revenue);
            let revenue: i64 = by_part.filter_map(|revenue| revenue.get(currency)).sum();
            assert_eq!(figure.value, Some(revenue as f64), "{currency}");
        }
        let failures: i64 = points.iter().map(|point| point.failures).sum();
        assert_eq!(
            report.errors.iter().map(|error| error.count).sum::<i64>(),
            failures
        );
        let funnel = report.funnel.unwrap();
        assert_eq!(funnel.figures.steps[0].turns, total);
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

fn at(day: u8, hour: u8) -> String {
    format!("2026-11-{day:02}T{hour:02}:00:00Z")
}

/// A shop with a turn on Tuesday of the week before, and with three in the week; the last one on Sunday evening.
async fn small_shop() -> TestApp {
    let app = TestApp::with(&[("PRAVIS_TIME_ZONE", "Europe/Paris")]).await;
    app.clock().set(MADE);
    let admin = app.admin().await;
    let turn = |number: u128, started_at: String, fields: Value| {
        let turn = json!({"id": id(number), "session_id": format!("s-{number}"), "started_at": started_at, "model": "m",
            "product_ids": ["dress"], "cost_micros": 1_000_000});
        testkit::turn(testkit::over(turn, fields))
    };
    let failed = |kind: &str| json!({"status": "failed", "error_type": kind});
    let turns = [
        turn(1, at(10, 9), failed("timeout")),
        turn(2, at(17, 9), failed("timeout")),
        turn(3, at(18, 9), failed("refused")),
        turn(4, at(22, 20), json!({})),
    ];
    let sent = admin
        .post("/api/v1/interactions/batch", json!({"items": turns}))
        .await;
    sent.assert_status(201);
    app
}

#[tokio::test]
async fn what_turns_led_to_is_credited_to_them_and_all_orders_are_counted() {
    let app = small_shop().await;
    let order = |number: u128, session: u128, at: String, fields: Value| {
        let order = json!({"id": id(100 + number), "type": "order", "order_id": format!("o-{number}"),
            "session_id": format!("s-{session}"), "occurred_at": at, "product_id": "dress"});
        testkit::over(order, fields)
    };
    let worth =
        |amount: i64, currency: &str| json!({"value_micros": amount * 1_000_000, "currency": currency});
    let orders = [
        order(1, 1, at(10, 10), worth(80, "EUR")),
        order(2, 2, at(17, 10), worth(100, "EUR")),
        order(3, 3, at(18, 10), worth(900, "GBP")),
        order(4, 3, at(18, 11), worth(50, "EUR")),
        order(5, 3, at(18, 12), json!({})),
        // More than 24 hours after its turn, and of nobody who asked.
        order(6, 2, at(20, 10), worth(7, "EUR")),
        order(7, 99, at(20, 10), worth(30, "EUR")),
        // After the week, of a turn in it; the same order told again.
        order(8, 4, at(23, 1), worth(60, "EUR")),
        order(2, 2, at(17, 10), worth(100, "EUR")),
    ];
    let sent = app
        .admin()
        .await
        .post("/api/v1/events", json!({"items": orders}))
        .await;
    assert!([200, 201].contains(&sent.status()));
    let report = report_on(&app, &week()).await;
    let figures = |metric| {
        let figures = report
            .headline
            .iter()
            .filter(move |figure| figure.metric == metric);
        figures
            .map(|figure| (figure.currency.as_deref(), figure.value, figure.previous))
            .collect::<Vec<_>>()
    };
    assert_eq!(figures(Metric::Orders), [(None, Some(6.0), Some(1.0))]);
    assert_eq!(
        figures(Metric::Revenue),
        [
            (Some("EUR"), Some(187e6), Some(80e6)),
            (Some("GBP"), Some(900e6), Some(0.0))
        ],
        "that of most orders is the first; they are never added up"
    );
    let orders: Vec<_> = report.series.points.iter().map(|point| point.orders).collect();
    assert_eq!(orders, [0, 1, 3, 0, 2, 0, 0].map(Some));
    let funnel = report.funnel.as_ref().unwrap();
    let steps = |figures: &FunnelFigures| figures.steps.iter().map(|step| step.turns).collect::<Vec<_>>();
    assert_eq!(
        (steps(&funnel.figures), steps(&funnel.previous)),
        (vec![3; 5], vec![1; 5])
    );
    assert_eq!(
        (funnel.figures.orders, funnel.figures.unvalued, funnel.complete),
        (5, 1, false)
    );
    let revenue = funnel.figures.revenue.iter();
    let revenue: Vec<_> = revenue.map(|of| (of.currency.as_str(), of.micros)).collect();
    assert_eq!(revenue, [("EUR", 210_000_000), ("GBP", 900_000_000)]);
    let note = report
        .quality
        .notes
        .iter()
        .find(|note| note.flaw == Flaw::WithoutValue);
    assert_eq!(note.map(|note| (note.count, note.of)), Some((1, 6)));
    let html = render(&report, &paris()).unwrap().html;
    assert!(html.contains("5 orders worth €210.00 and £900.00 (1 of unknown value)"));
    assert!(html.contains("and £900.00"));
}

#[tokio::test]
async fn a_shop_without_events_knows_nothing_of_orders() {
    let report = report_on(&small_shop().await, &week()).await;
    assert_eq!(report.funnel, None);
    assert_eq!(report.figure(Metric::Orders).unwrap().value, None);
    assert!(report.series.points.iter().all(|point| point.orders.is_none()));
    assert!(
        report
            .quality
            .notes
            .iter()
            .all(|note| note.flaw != Flaw::WithoutValue)
    );
    let documents = render(&report, &paris()).unwrap();
    assert!(!documents.html.contains("to the order") && !documents.csv.contains("orders,0"));
}

#[tokio::test]
async fn failures_are_beside_those_of_the_period_before() {
    let report = report_on(&small_shop().await, &week()).await;
    let errors = report.errors.iter();
    let errors: Vec<_> = errors
        .map(|error| {
            (
                error.error_type.as_deref(),
                error.count,
                error.previous,
                error.last_seen,
            )
        })
        .collect();
    let seen = |day| Some(at(day, 9).parse().unwrap());
    assert_eq!(
        errors,
        [
            (Some("timeout"), 1, 1, seen(17)),
            (Some("refused"), 1, 0, seen(18))
        ]
    );
}

#[tokio::test]
async fn the_month_ends_with_the_period_however_late_the_report_is() {
    let app = small_shop().await;
    let period = |kind, name| Period::parse(kind, name, &paris()).unwrap();
    let late = "2027-02-01T05:05:00Z";
    for (period, made, month) in [
        (week(), MADE, Some((4, false))),
        (week(), late, Some((4, false))),
        (period(ReportKind::Weekly, "2026-W46"), MADE, Some((1, false))),
        // The first to know two weeks.
        (period(ReportKind::Daily, "2026-11-23"), late, Some((4, true))),
        // November is over: nothing more is to be expected of it.
        (period(ReportKind::Daily, "2026-11-30"), late, Some((4, false))),
        (period(ReportKind::Monthly, "2026-11"), MADE, Some((4, false))),
        (period(ReportKind::Monthly, "2026-11"), late, None),
    ] {
        let made = made.parse().unwrap();
        let report = content(&*app.store(), &period, &paris(), 1, made).await.unwrap();
        let found = report
            .month
            .map(|month| (month.cost.cost.micros, month.forecast.is_some()));
        let month = month.map(|(cost, forecast)| (Some(cost * 1_000_000), forecast));
        assert_eq!(found, month, "{period:?} {made}");
    }
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
