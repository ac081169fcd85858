//! Reports: when they are made, what is stored, and how they get to their readers.

mod api;
mod mail;
mod schedule;
mod unfinished;
mod webhooks;

use blobs::{Container, Message as Queued, Queue};
use domain::page::PageRequest;
use domain::reports::{Delivery, DeliveryFilter, Report, ReportFilter};
use pravis::host::invoke::invoke;
use pravis::host::queue::QueueMessage;
use pravis::host::timer::TimerInfo;
use pravis::reports::{Delivered, Message};
use serde_json::Value;
use std::time::Duration;
use testkit::TestApp;
use uuid::Uuid;

/// 32 bytes; what signs in these tests.
const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Fires a timer as the host would, and gives what it logs; none when it failed.
async fn fire(app: &TestApp, timer: &str) -> Option<Value> {
    let info = TimerInfo {
        schedule_status: None,
        is_past_due: false,
    };
    let payload = info.payload(timer, "timer", app.clock().now());
    let (router, id) = (app.router(), Uuid::now_v7());
    let received = invoke(&router, timer, id, payload.into_bytes()).await.ok()?;
    Some(serde_json::from_str(&received.logs.unwrap()[0]).unwrap())
}

/// Calls the trigger of deliveries as the host would, and gives what it logs; none when it failed.
async fn trigger(app: &TestApp, body: Vec<u8>) -> Option<String> {
    let payload = QueueMessage::new(body).payload("deliver_report", "message", app.clock().now());
    let (router, id) = (app.router(), Uuid::now_v7());
    let received = invoke(&router, "deliver_report", id, payload.into_bytes())
        .await
        .ok()?;
    Some(received.logs.unwrap()[0].clone())
}

/// Makes the next attempt at a delivery, as if its message came now.
async fn attempt(app: &TestApp, delivery: &Delivery) -> Delivered {
    let message = Message::new(delivery.report_id, delivery.id);
    pravis::reports::deliver(app.app(), &message).await.unwrap()
}

/// Messages that can be seen now, taken from the queue.
async fn messages(app: &TestApp) -> Vec<Queued> {
    let storage = &app.storage().inner;
    let received = storage
        .receive(Queue::Deliver, 32, Duration::from_secs(600))
        .await
        .unwrap();
    for message in &received {
        storage.delete_message(Queue::Deliver, message).await.unwrap();
    }
    received
}

/// How many messages there are, those that wait included.
async fn waiting(app: &TestApp) -> u64 {
    app.storage().inner.message_count(Queue::Deliver).await.unwrap()
}

/// All reports, newest first.
async fn reports(app: &TestApp) -> Vec<Report> {
    let page = PageRequest {
        limit: 200,
        after: None,
    };
    app.store()
        .list_reports(ReportFilter::default(), page)
        .await
        .unwrap()
}

/// Kind, period and revision of all reports, oldest first.
async fn names(app: &TestApp) -> Vec<String> {
    let reports = reports(app).await;
    let name = |report: &Report| format!("{} {} r{}", report.kind.as_str(), report.period, report.revision);
    reports.iter().rev().map(name).collect()
}

/// All deliveries, newest first.
async fn deliveries(app: &TestApp) -> Vec<Delivery> {
    let page = PageRequest {
        limit: 200,
        after: None,
    };
    app.store()
        .list_deliveries(DeliveryFilter::default(), page)
        .await
        .unwrap()
}

/// Names of the blobs of reports that begin so.
async fn blobs(app: &TestApp, prefix: &str) -> Vec<String> {
    let listed = app
        .storage()
        .inner
        .list(Container::Reports, prefix, None, 1000)
        .await
        .unwrap();
    listed.into_iter().map(|blob| blob.name.to_string()).collect()
}
