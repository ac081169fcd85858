//! What is sent: how often, and that no value ever gets into a statement.

use super::Bench;
use crate::azure_sql::AzureSqlStore;
use crate::{
    Analytics, ApiKeys, Completed, FeedbackStore, Health, Interactions, NumbersQuery, QueriesQuery, Refined,
    Refinement, Reports, Retention, Sentiments, Sessions, StoreError, TopQueries, Usage,
};
use domain::analytics::{Dimension, StatsFilter, TimeRange};
use domain::cursor::Position;
use domain::feedback::{
    Aspect, Category, Feedback, FeedbackFilter, Review, ReviewState, Sentiment, SentimentLabel,
    SentimentSource, Source, Thumb, Word,
};
use domain::interactions::{Interaction, InteractionFilter, InteractionType, Status};
use domain::keys::{ApiKey, Scope, SecretHash};
use domain::page::PageRequest;
use domain::reports::{
    Attempted, Channel, Delivery, DeliveryFilter, DeliveryState, DocumentSizes, Report, ReportFilter,
    ReportKind, ReportStatus, Target,
};
use domain::sessions::SessionFilter;
use domain::usage::SessionRange;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::Arc;
use testkit::tds::{Cell, Reply, Table, Type};
use uuid::Uuid;

/// A text that would do harm, were it part of a statement.
const HOSTILE: &str = "x'); DROP TABLE interactions; --";

fn store(bench: &Bench) -> AzureSqlStore {
    AzureSqlStore {
        pool: bench.pool.clone(),
        replica: bench.pool.clone(),
        recomputing: Arc::default(),
        recounting: Arc::default(),
        counting_queries: Arc::default(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn turn(id: u128, text: &str) -> Interaction {
    let own = || Some(text.to_owned());
    let object = || serde_json::json!({text: text}).as_object().cloned();
    Interaction {
        id: Uuid::from_u128(id),
        kind: InteractionType::Chat,
        session_id: text.to_owned(),
        user_id: own(),
        parent_id: None,
        trace_id: own(),
        channel: own(),
        locale: own(),
        provider: own(),
        model: own(),
        model_version: own(),
        deployment: own(),
        prompt_name: own(),
        prompt_version: own(),
        request_text: own(),
        response_text: own(),
        started_at: at(0),
        completed_at: Some(at(1)),
        duration_ms: Some(1.5),
        time_to_first_token_ms: None,
        tokens_input: Some(1),
        tokens_output: Some(2),
        tokens_cached: None,
        audio_seconds: None,
        characters: None,
        images: None,
        cost_micros: Some(3),
        priced: false,
        status: Status::Failed,
        error_type: own(),
        error_message: own(),
        product_ids: vec![text.to_owned()],
        context: object(),
        metadata: object(),
        rating: None,
        feedback_count: 0,
        created_at: at(2),
        updated_at: at(2),
        version: 1,
        repricings: 0,
        supplied_hash: [7; 32],
    }
}

fn opinion(text: &str) -> Feedback {
    let own = || Some(text.to_owned());
    Feedback {
        id: Uuid::from_u128(9),
        interaction_id: Uuid::from_u128(1),
        rating: Some(5),
        thumb: Some(Thumb::Up),
        comment: own(),
        category: Some(Category::Tone),
        tags: vec![text.to_owned()],
        user_id: own(),
        source: Source::Shopper,
        sentiment: Some(Sentiment {
            score: Some(0.5),
            label: SentimentLabel::Positive,
            language: own(),
            words: vec![Word {
                word: text.to_owned(),
                weight: 1.0,
            }],
            aspects: Some(vec![Aspect {
                target: text.to_owned(),
                label: SentimentLabel::Positive,
            }]),
            source: SentimentSource::Vader,
        }),
        review: Review {
            state: ReviewState::New,
            notes: own(),
            reviewer: own(),
            at: None,
        },
        created_at: at(3),
        updated_at: at(3),
        version: 1,
        supplied_hash: [8; 32],
        phrases: vec![text.to_owned()],
        refine_at: Some(at(3)),
    }
}

fn key(text: &str) -> ApiKey {
    ApiKey {
        id: Uuid::from_u128(4),
        name: text.to_owned(),
        scopes: vec![Scope::Read],
        allowed_origins: vec![text.to_owned()],
        created_at: at(0),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        hash: SecretHash([3; 32]),
    }
}

/// Asks every function of the store, with `text` wherever a text goes; most answers are not what they should be, which does
/// not matter here.
async fn ask_everything(store: &AzureSqlStore, text: &str) {
    let own = || Some(text.to_owned());
    fn after<K>(key: K) -> Option<Position<K>> {
        Some(Position { at: at(9), key })
    }
    let page = || PageRequest {
        limit: 10,
        after: after(Uuid::from_u128(5)),
    };
    let _ = store.ping().await;
    let _ = store
        .create_interactions(vec![turn(1, text), turn(2, text)])
        .await;
    let _ = store.get_interaction(Uuid::from_u128(1)).await;
    let _ = store.update_interaction(turn(1, text), 1).await;
    let every = InteractionFilter {
        kind: Some(InteractionType::Chat),
        status: Some(Status::Failed),
        model: own(),
        provider: own(),
        channel: own(),
        locale: own(),
        from: Some(at(0)),
        to: Some(at(9)),
        ..InteractionFilter::default()
    };
    let people = InteractionFilter {
        user_id: own(),
        session_id: own(),
        ..every.clone()
    };
    let rated = InteractionFilter {
        rating_min: Some(2),
        rating_max: Some(4),
        ..every.clone()
    };
    for filter in [every, people, rated, InteractionFilter::default()] {
        let _ = store.list_interactions(filter, page()).await;
    }
    let _ = store.list_session_interactions(text.to_owned(), page()).await;
    let sessions = SessionFilter {
        user_id: own(),
        from: Some(at(0)),
        to: Some(at(9)),
    };
    let _ = store
        .list_sessions(
            sessions,
            PageRequest {
                limit: 10,
                after: after(text.to_owned()),
            },
        )
        .await;
    let _ = store.get_session(text.to_owned()).await;
    let _ = store.create_feedback(opinion(text)).await;
    let _ = store.get_feedback(Uuid::from_u128(9)).await;
    let _ = store.update_feedback(opinion(text), 1).await;
    let filter = FeedbackFilter {
        interaction_id: Some(Uuid::from_u128(1)),
        user_id: own(),
        category: Some(Category::Tone),
        source: Some(Source::Shopper),
        thumb: Some(Thumb::Up),
        review_state: Some(ReviewState::New),
        sentiment: Some(SentimentLabel::Positive),
        rating_min: Some(1),
        rating_max: Some(5),
        from: Some(at(0)),
        to: Some(at(9)),
    };
    let _ = store.list_feedback(filter, page()).await;
    let _ = store.get_locale(Uuid::from_u128(1)).await;
    let _ = store.claim_sentiments(at(4), at(5), 10).await;
    let outcomes = [
        Refinement::Known {
            score: 0.5,
            label: SentimentLabel::Positive,
            language: Some(text.to_owned()),
            aspects: vec![Aspect {
                target: text.to_owned(),
                label: SentimentLabel::Positive,
            }],
        },
        Refinement::Later(at(6)),
        Refinement::Never(text.to_owned()),
    ];
    let refined = outcomes.map(|outcome| Refined {
        id: Uuid::from_u128(9),
        outcome,
    });
    let _ = store.refine_sentiments(refined.into(), at(5)).await;
    let query = NumbersQuery {
        range: TimeRange {
            from: at(0),
            to: at(900_000),
        },
        zone: TimeZone::UTC,
        filter: StatsFilter {
            kind: Some(InteractionType::Chat),
            model: own(),
            channel: own(),
            prompt_version: None,
        },
    };
    let _ = store.interaction_numbers(query.clone()).await;
    let _ = store.feedback_numbers(query.clone()).await;
    let by_type = query.by(vec![at(0), at(900), at(86_400)], Some(Dimension::Type));
    let _ = store.interaction_series(vec![by_type.clone()]).await;
    let _ = store.failures(by_type.clone()).await;
    let _ = store
        .count_sessions(SessionRange::of(query.range, &TimeZone::UTC))
        .await;
    let _ = store.feedback_series(vec![by_type]).await;
    let queries = QueriesQuery {
        range: TimeRange {
            from: at(0),
            to: at(900_000),
        },
        kind: InteractionType::Search,
        channel: own(),
        limit: 10,
    };
    let _ = store.top_queries(queries).await;
    let _ = store.create_api_key(key(text)).await;
    let _ = store.find_api_key(SecretHash([3; 32])).await;
    let _ = store.list_api_keys().await;
    let _ = store.revoke_api_key(Uuid::from_u128(4), at(5)).await;
    let _ = store.touch_api_key(Uuid::from_u128(4), at(5)).await;
    let _ = store.remove_interactions_before(at(5)).await;
    let _ = store.remove_events_before(at(5)).await;
    ask_for_reports(store, text).await;
}

async fn ask_for_reports(store: &AzureSqlStore, text: &str) {
    let (id, run) = (Uuid::from_u128(6), Uuid::from_u128(7));
    let page = || PageRequest {
        limit: 10,
        after: Some(Position { at: at(9), key: id }),
    };
    let report = Report {
        id,
        kind: ReportKind::Weekly,
        period: text.to_owned(),
        from: at(0),
        to: at(9),
        tz: text.to_owned(),
        revision: 1,
        status: ReportStatus::Claimed,
        attempts: 1,
        created_at: at(9),
        generated_at: None,
        headline: None,
        sizes: None,
        error: None,
        claimed_by: run,
        claimed_until: at(600),
    };
    let _ = store.claim_report(report.clone()).await;
    let _ = store.create_report(report).await;
    let target = Target::new(text, text);
    let completed = Completed {
        generated_at: at(9),
        headline: text.to_owned(),
        sizes: DocumentSizes {
            html: 1,
            json: 2,
            csv: 3,
        },
        deliveries: vec![Delivery::new(run, id, Channel::Mail, target, at(9))],
    };
    let _ = store.complete_report(id, run, completed).await;
    let _ = store.fail_report(id, run, text.to_owned()).await;
    let _ = store.get_report(id).await;
    let kind = Some(ReportKind::Weekly);
    let _ = store.list_reports(ReportFilter { kind }, page()).await;
    let _ = store.list_scheduled_reports(ReportKind::Weekly, 4).await;
    let _ = store.begin_delivery(id, run, at(9), at(99)).await;
    let attempted = Attempted::failed(1, false, Some(500), text, at(9));
    let _ = store.end_delivery(id, run, attempted).await;
    let filter = DeliveryFilter {
        report_id: Some(id),
        state: Some(DeliveryState::Dead),
    };
    let _ = store.revive_deliveries(id, at(9)).await;
    let _ = store.list_deliveries(filter, page()).await;
}

/// A server on which every range is clean: it answers what the numbers ask first, and nothing else.
async fn clean_server() -> Bench {
    let bench = Bench::new().await;
    bench.server.on_statement(|statement| {
        let zone = Table::of([("value", Type::Text)]).row([Cell::Text("UTC".to_owned())]);
        let counted = Table::of([("", Type::BigInt), ("", Type::BigInt)]).row([Cell::Int(0), Cell::Null]);
        let none = || Table::of([("", Type::BigInt)]);
        let known = || {
            Reply::rows(zone.clone())
                .and_rows(counted.clone())
                .and_rows(none())
        };
        if statement.sql.contains("N'time_zone'") && statement.sql.contains("written > rolled") {
            known()
        } else if statement.sql.contains("N'time_zone'") {
            known().and_rows(none()).and_rows(none()).and_rows(none())
        } else {
            Reply::rows(none())
        }
    });
    bench
}

#[tokio::test]
async fn no_statement_is_built_from_input() {
    let mut texts = Vec::new();
    for text in ["plain", HOSTILE] {
        let bench = clean_server().await;
        ask_everything(&store(&bench), text).await;
        let statements = bench.server.statements();
        assert!(statements.iter().all(|statement| !statement.sql.contains(text)));
        texts.push(
            statements
                .into_iter()
                .map(|statement| statement.sql)
                .collect::<Vec<_>>(),
        );
    }
    assert!(texts[0].len() >= 25, "{} statements", texts[0].len());
    assert_eq!(texts[0], texts[1]);
}

#[tokio::test]
async fn a_batch_of_five_hundred_is_one_round_trip() {
    let bench = clean_server().await;
    let store = store(&bench);
    store.ping().await.unwrap();
    let before = bench.server.round_trips();
    let turns = (0..500).map(|id| turn(id, "plain")).collect();
    let outcomes = store.create_interactions(turns).await.unwrap();
    assert_eq!(outcomes.len(), 500);
    assert_eq!(bench.server.round_trips() - before, 1);
}

#[tokio::test]
async fn an_answer_that_lacks_a_result_is_told() {
    let bench = Bench::new().await;
    bench.server.on_statement(|_| Reply::done());
    let error = store(&bench)
        .update_interaction(turn(1, "plain"), 1)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Broken(_)), "{error}");
}
