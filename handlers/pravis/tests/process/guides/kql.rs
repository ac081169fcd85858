//! Queries: whether they name only tables, columns and words that exist. No engine of Kusto runs here, so this reads words, not
//! sentences.

use super::pages::{blocks, sources};
use pravis::telemetry::facts::COLUMNS;
use std::collections::BTreeSet;

/// What the tables of Application Insights have in a workspace, as far as it is used here:
/// <https://learn.microsoft.com/azure/azure-monitor/reference/tables-index>.
const TABLES: &[(&str, &str)] = &[
    ("AppRequests", "DurationMs Id Name OperationName ResultCode Success Url"),
    ("AppDependencies", "Data DependencyType DurationMs Id Name ResultCode Success Target"),
    ("AppTraces", "Message SeverityLevel"),
    ("AppExceptions", "ExceptionType OuterMessage OuterType ProblemId SeverityLevel"),
    ("AppMetrics", "Max Min Name Sum"),
    ("AppAvailabilityResults", "DurationMs Location Message Name Success"),
    ("Usage", "DataType IsBillable Quantity"),
];
/// What each of them has.
const EVERYWHERE: &str = "AppRoleInstance AppRoleName AppVersion ItemCount OperationId ParentId Properties TimeGenerated _ResourceId";
/// The table of `facts/columns.rs`.
const FACTS: &str = "PravisInteractions_CL";

/// Operators and the words beside them.
const WORDS: &str = "and as asc between by contains desc endswith extend false has has_any in inner join kind last leftouter let limit \
    mv_expand nulls of on or order project project_away project_rename project_reorder render rows search serialize sort startswith \
    summarize take timechart to top true union where with columnchart barchart table piechart areachart isfuzzy not null first";
/// Functions.
const FUNCTIONS: &str = "ago arg_max arg_min array_length avg avgif bin case ceiling coalesce count countif datetime dcount \
    dcountif dynamic endofday floor format_datetime format_timespan hash iff iif ingestion_time isempty isnotempty isnotnull isnull make_list make_set \
    max maxif min minif next now percentile percentilesw percentiles percentilew prev round startofday startofmonth startofweek strcat sum sumif take_any tobool \
    todatetime todouble toint tolong toreal toscalar tostring totimespan";

#[derive(Debug, PartialEq, Eq, Clone)]
enum Token {
    Name(String),
    /// A text.
    Text(String),
    /// `.`, `(`, `=` and the like; `==`, `=~`, `!=`, `<=` and `>=` are one.
    Sign(String),
}

fn tokens(query: &str) -> Vec<Token> {
    let lines = query.lines().filter(|line| !line.trim_start().starts_with("//"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let letters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at];
        let run = |from: usize, wanted: &dyn Fn(char) -> bool| {
            let rest = letters[from..].iter();
            rest.take_while(|letter| wanted(**letter)).collect::<String>()
        };
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if letter == '"' || letter == '\'' {
            let text = run(at + 1, &|other| other != letter);
            at += text.chars().count() + 2;
            tokens.push(Token::Text(text));
        } else if is_word(letter) {
            let word = run(at, &is_word);
            at += word.len();
            // `1h`, `0.95` and `42` are no names.
            if !letter.is_ascii_digit() {
                tokens.push(Token::Name(word));
            }
        } else if letter.is_whitespace() {
            at += 1;
        } else {
            let sign = run(at, &|other| "=!<>~".contains(other));
            let sign = if sign.is_empty() { letter.to_string() } else { sign };
            at += sign.chars().count();
            tokens.push(Token::Sign(sign));
        }
    }
    tokens
}

/// What a query names that does not exist.
fn unknown(query: &str, sources: &str) -> Vec<String> {
    // `project-away` is one word, `a - b` three.
    let tokens = tokens(&query.replace("project-", "project_").replace("mv-", "mv_"));
    let is = |at: Option<usize>, sign: &str| {
        at.and_then(|at| tokens.get(at)) == Some(&Token::Sign(sign.to_owned()))
    };
    let words = |list: &str| list.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
    let mut known = words(WORDS);
    let functions = words(FUNCTIONS);
    let named: BTreeSet<_> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Name(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    for (table, columns) in TABLES.iter().filter(|(table, _)| named.contains(table)) {
        known.insert((*table).to_owned());
        known.extend(words(columns));
        known.extend(words(EVERYWHERE));
    }
    if named.contains(FACTS) {
        known.insert(FACTS.to_owned());
        known.extend(COLUMNS.iter().map(|column| column.name.to_owned()));
    }
    // What the query itself gives a name.
    for (at, token) in tokens.iter().enumerate() {
        if let Token::Name(name) = token
            && is(Some(at + 1), "=")
        {
            known.insert(name.clone());
        }
    }
    let mut unknown = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let fine = match token {
            // What our own code records under a key of `Properties`.
            Token::Name(name) if is(at.checked_sub(1), ".") => sources.contains(name.as_str()),
            Token::Name(name) if is(Some(at + 1), "(") => functions.contains(name) || known.contains(name),
            Token::Name(name) => known.contains(name),
            // Names of metrics, events and attributes; other texts are for people.
            Token::Text(text) if text.contains(['_', '.', ':']) && !text.contains(' ') => {
                sources.contains(text.as_str())
            }
            _ => true,
        };
        if !fine {
            unknown.push(format!("{token:?}"));
        }
    }
    let table = tokens.iter().find_map(|token| match token {
        Token::Name(name) if name == FACTS || TABLES.iter().any(|(table, _)| table == name) => Some(name),
        _ => None,
    });
    if table.is_none() {
        unknown.push("no table that is known".to_owned());
    }
    unknown
}

/// Where what is recorded gets its names.
const RECORDING: [&str; 4] = ["functions", "handlers/blobs/src", "handlers/pravis/src", "handlers/store/src"];

#[test]
fn queries_name_only_what_is_recorded() {
    let sources = sources(&RECORDING);
    let queries = blocks("kql");
    assert!(queries.len() > 5, "only {} queries were found", queries.len());
    for query in queries {
        assert_eq!(unknown(&query.text, &sources), [""; 0], "{}", query.place);
    }
}

#[test]
fn queries_have_the_columns_that_are_told() {
    for query in blocks("kql") {
        let told = query.after.strip_prefix("Columns: ").unwrap_or_else(|| panic!("{}: no columns", query.place));
        // The last stage that says which columns there are.
        let stages = query.text.split("\n| ");
        let shaping = ["summarize ", "project "];
        let last = stages.filter(|stage| shaping.iter().any(|word| stage.starts_with(word))).last();
        let names = tokens(last.unwrap_or_default());
        for column in told.split('`').skip(1).step_by(2) {
            assert!(names.contains(&Token::Name(column.to_owned())), "{}: {column}", query.place);
        }
    }
}

#[test]
fn a_wrong_name_is_found() {
    let sources = "pravis.spill.items event";
    let good = "AppMetrics\n| where Name == \"pravis.spill.items\" // so\n| summarize Items = sum(Sum) by bin(TimeGenerated, 1h)\n| where Items > 0.5 and Properties.event == 'x'";
    assert_eq!(unknown(good, sources), [""; 0]);
    for (right, wrong) in [
        ("AppMetrics", "AppMetric"),
        ("TimeGenerated", "Timestamp"),
        ("where Items", "where Itmes"),
        ("sum(Sum)", "summ(Sum)"),
        ("sum(Sum)", "sum(DurationMs)"),
        ("pravis.spill.items", "pravis.spilled.items"),
        ("Properties.event", "Properties.evnt"),
        ("summarize", "sumarize"),
    ] {
        assert_ne!(unknown(&good.replace(right, wrong), sources), [""; 0], "{wrong}");
    }
}
