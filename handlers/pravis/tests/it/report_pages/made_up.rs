//! Reports that no test wants to store the turns of.

use super::golden::{Dice, MADE, paris, report_on, shop, week};
use domain::analytics::costs::{Cost, Forecast, MonthToDate};
use domain::analytics::{
    CommonTerms, CostFigures, Credit, FeedbackRollup, FunnelRollup, InteractionRollup, OrderRollup,
    PhraseFigures, Sum, TagFigures, TimeRange, Worth,
};
use domain::reports::content::{
    Content, Failure, Funnel, Groups, Interval, Measured, Opinions, Orders, Part, Point, Quality, Query,
    SCHEMA, Series, headline, unpriced,
};
use domain::reports::{Period, ReportKind};
use domain::usage::PeriodCounts;
use jiff::tz::TimeZone;

/// A month of ten million turns, with everything that can be known.
pub(super) fn huge() -> Content {
    let zone = paris();
    let period = Period::parse(ReportKind::Monthly, "2026-10", &zone).unwrap();
    let previous = period.previous(&zone);
    let mut dice = Dice(9);
    let (now, before) = (
        measured(&period, &zone, 1.0, &mut dice),
        measured(&previous, &zone, 0.88, &mut dice),
    );
    let names = [
        "gpt-4.1-mini",
        "claude-sonnet-4-5",
        "gemini-2.5-flash",
        "mistral-large-2512",
        "whisper-1",
    ];
    let models: Vec<_> = (0..25i64)
        .map(|number| {
            let name = names
                .get(number as usize)
                .map_or_else(|| format!("experiment-{number}"), |name| (*name).to_owned());
            let mut rollup = rollup(
                now.turns.total / (number + 2) / 4,
                1_200.0 + 90.0 * number as f64,
                &mut dice,
            );
            rollup.cost_micros.count = if number % 5 == 4 { 0 } else { rollup.total };
            (name, rollup)
        })
        .collect();
    Content {
        schema: SCHEMA,
        kind: ReportKind::Monthly,
        period: (&period).into(),
        previous: (&previous).into(),
        time_zone: "Europe/Paris".to_owned(),
        generated_at: "2026-11-01T05:05:00Z".parse().unwrap(),
        revision: 3,
        headline: headline(&now, &before),
        series: Series {
            interval: Interval::Day,
            points: now.parts.iter().map(Point::from).collect(),
        },
        models: Groups::of(&models, now.turns.total),
        types: Groups::of(&models[..1], now.turns.total),
        unpriced: unpriced(&models),
        month: Some(month()),
        opinions: Opinions::of(&now.feedback, common()),
        errors: failures(),
        queries: queries(),
        funnel: Some(Funnel::of(
            &funnel(now.turns.total),
            &funnel(before.turns.total),
            false,
        )),
        best: Vec::new(),
        worst: Vec::new(),
        quality: Quality::of(&now, 12_345, 1_234, true),
    }
}

fn measured(period: &Period, zone: &TimeZone, scale: f64, dice: &mut Dice) -> Measured {
    let parts = Interval::Day.parts(period.range, zone).into_iter().enumerate();
    let parts: Vec<_> = parts
        .map(|(day, range)| {
            let wave = 1.0 + 0.35 * ((day as f64) * 0.9).sin();
            let total = (322_580.0 * scale * wave) as i64 + dice.below(9_000) as i64;
            part(range, rollup(total, 900.0 + 60.0 * wave, dice), dice)
        })
        .collect();
    let mut turns = InteractionRollup::default();
    let mut feedback = FeedbackRollup::default();
    for part in &parts {
        domain::analytics::Rollup::add(&mut turns, &part.turns);
        domain::analytics::Rollup::add(&mut feedback, &part.feedback);
    }
    Measured {
        range: period.range,
        turns,
        feedback,
        parts,
        people: people(1_234_567.0 * scale),
        orders: Some(orders(200_000.0 * scale)),
    }
}

fn orders(many: f64) -> Orders {
    let by_currency = [
        ("", 0.01, 0.0),
        ("CHF", 0.02, 9e6),
        ("EUR", 0.9, 61.7e6),
        ("GBP", 0.07, 70.5e6),
    ];
    let rollup = |share: f64, each: f64| OrderRollup {
        total: (many * share) as i64,
        value_micros: (many * share * each) as i64,
    };
    Orders {
        by_currency: by_currency
            .map(|(currency, share, each)| (currency.to_owned(), rollup(share, each)))
            .into(),
    }
}

fn part(range: TimeRange, turns: InteractionRollup, dice: &mut Dice) -> Part {
    let many = turns.total / 40;
    let feedback = FeedbackRollup {
        total: many,
        ratings: [
            many / 20,
            many / 25,
            many / 10,
            many / 4,
            many / 2 - dice.below(50) as i64,
        ],
        thumbs_up: many / 3,
        thumbs_down: many / 30,
        sentiment: [many / 6, many / 9, many / 20, many / 50],
    };
    let people = Some(people(turns.total as f64 / 6.0));
    let orders = Some(orders(turns.total as f64 / 50.0));
    Part {
        range,
        turns,
        feedback,
        people,
        orders,
    }
}

fn people(users: f64) -> PeriodCounts {
    let users = users as i64;
    PeriodCounts {
        users,
        new_users: users / 5,
        sessions: users * 2,
        user_sessions: users + users / 2,
    }
}

fn rollup(total: i64, median: f64, dice: &mut Dice) -> InteractionRollup {
    let mut rollup = InteractionRollup {
        total,
        failed: total / 90,
        pending: total / 5_000,
        cost_micros: Sum {
            count: total - total / 300,
            sum: total * 2_345,
        },
        tokens_input: Sum {
            count: total - total / 100,
            sum: total * 700,
        },
        ..InteractionRollup::default()
    };
    rollup.succeeded = total - rollup.failed - rollup.pending;
    for _ in 0..2_000 {
        let spread = 0.4 + (dice.below(1_000) as f64 / 500.0).powi(2);
        rollup.duration.record(Some(median * spread));
    }
    rollup
}

fn failures() -> Vec<Failure> {
    [
        ("timeout", Some("gpt-4.1-mini"), 61_234, 70_001),
        ("rate_limited", None, 40_120, 0),
        ("", Some("whisper-1"), 0, 12),
    ]
    .map(|(kind, model, count, previous)| Failure {
        error_type: Some(kind.to_owned()).filter(|kind| !kind.is_empty()),
        model: model.map(str::to_owned),
        count,
        previous,
        first_seen: None,
        last_seen: (count > 0).then(|| MADE.parse().unwrap()),
    })
    .into()
}

fn queries() -> Vec<Query> {
    [
        ("vegan leather belt", 1_204, 1_204),
        ("linen shirt sage", 48_020, 12),
        ("wedding guest dress", 31_550, 0),
    ]
    .map(|(text, count, failed)| Query {
        text: text.to_owned(),
        count,
        failed,
    })
    .into()
}

fn funnel(turns: i64) -> FunnelRollup {
    let all = |part: i64| [turns / part; Credit::RULES];
    let worth = |part: i64, each: i64| Worth {
        orders: all(part),
        micros: all(part).map(|orders| orders * each),
    };
    FunnelRollup {
        total: turns,
        shown: turns / 2,
        cost_micros: Sum {
            count: turns - turns / 300,
            sum: turns * 2_345,
        },
        viewed: all(7),
        carted: all(30),
        ordered: all(52),
        orders: all(51),
        revenue: [("EUR", worth(55, 61_700_000)), ("GBP", worth(900, 70_500_000))]
            .map(|(currency, worth)| (currency.to_owned(), worth))
            .into(),
    }
}

fn month() -> MonthToDate {
    MonthToDate {
        from: jiff::civil::date(2026, 10, 1),
        cost: Cost {
            total: 10_354_149,
            cost: CostFigures {
                micros: Some(24_280_000_000),
                unpriced: 12,
            },
        },
        forecast: Some(Forecast {
            micros: 25_104_000_000.0,
            low: 24_900_000_000.0,
            high: 25_350_000_000.0,
            unpriced_days: 0,
        }),
    }
}

fn common() -> CommonTerms {
    let tag = |(tag, count, average_rating): (&str, i64, Option<f64>)| TagFigures {
        tag: tag.to_owned(),
        count,
        average_rating,
    };
    let phrase = |(phrase, count, mean_score): (&str, i64, Option<f64>)| PhraseFigures {
        phrase: phrase.to_owned(),
        count,
        mean_score,
    };
    CommonTerms {
        tags: [
            ("sizing", 1_204, Some(2.31)),
            ("delivery", 380, None),
            ("gift", 41, Some(4.9)),
        ]
        .map(tag)
        .into(),
        phrases: [
            ("wrong size", 311, Some(-0.61)),
            ("silk scarf", 120, Some(0.01)),
            ("kind", 90, Some(0.7)),
        ]
        .map(phrase)
        .into(),
        counted: 2_000,
        complete: false,
    }
}

/// What clients may send to spoil a page.
pub(super) const HOSTILE: [&str; 6] = [
    "</style><script>alert('x')</script><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)> {{ 7*7 }} &lt;b&gt; '",
    "مرحبا هل لديكم هذا الفستان باللون الأزرق؟ 123",
    "👗👠🧣👜👗👠🧣👜 👩‍👩‍👧‍👦 Ω≈ç√ 試着してもいいですか",
    "https://evil.example/%00?a=<b>&c=\"d\"",
    "--> <!-- ]]> <![endif]",
];

/// The golden week with hostile names and texts in every place that a client can write.
pub(super) async fn hostile() -> Content {
    let mut report = report_on(&shop().await, &week()).await;
    let word = "x".repeat(10_000);
    let long = "W".repeat(128);
    let mut texts = HOSTILE
        .iter()
        .map(|text| (*text).to_owned())
        .chain([word, long])
        .cycle();
    for group in report.models.items.iter_mut().chain(&mut report.types.items) {
        group.name = texts.next();
    }
    for model in &mut report.unpriced {
        model.model = texts.next();
    }
    for turn in report.best.iter_mut().chain(&mut report.worst) {
        turn.model = texts.next();
        turn.comment = texts.next();
        turn.request = texts.next();
        turn.response = texts.next();
    }
    report.errors = failures();
    report.opinions.common = common();
    for tag in &mut report.opinions.common.tags {
        tag.tag = texts.next().unwrap_or_default();
    }
    for phrase in &mut report.opinions.common.phrases {
        phrase.phrase = texts.next().unwrap_or_default();
    }
    report.queries = queries();
    for failure in &mut report.errors {
        (failure.error_type, failure.model) = (texts.next(), texts.next());
    }
    for query in &mut report.queries {
        query.text = texts.next().unwrap_or_default();
    }
    report.time_zone = HOSTILE[0].to_owned();
    report
}

/// Every report that is worth a look, by name, with its zone.
pub(super) async fn all() -> Vec<(&'static str, Content)> {
    let app = shop().await;
    let day = |name| Period::parse(ReportKind::Daily, name, &paris()).unwrap();
    let empty = testkit::TestApp::new().await;
    empty.clock().set(MADE);
    vec![
        ("week", report_on(&app, &week()).await),
        ("day", report_on(&app, &day("2026-11-20")).await),
        ("one", report_on(&app, &day("2026-11-22")).await),
        ("empty", report_on(&empty, &week()).await),
        ("huge", huge()),
        ("hostile", hostile().await),
    ]
}
