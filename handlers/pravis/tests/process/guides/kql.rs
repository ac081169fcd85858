//! Queries: what of them does not exist. No engine of Kusto runs here, so this reads words, not sentences.

use pravis::telemetry::facts::COLUMNS;
use std::collections::BTreeSet;

/// What the tables of Application Insights have in a workspace, as far as it is used here:
/// <https://learn.microsoft.com/azure/azure-monitor/reference/tables-index>.
const TABLES: &[(&str, &str)] = &[
    (
        "AppRequests",
        "DurationMs Id Name OperationName ResultCode Success Url",
    ),
    (
        "AppDependencies",
        "Data DependencyType DurationMs Id Name ResultCode Success Target",
    ),
    ("AppTraces", "Message SeverityLevel"),
    (
        "AppExceptions",
        "ExceptionType OuterMessage OuterType ProblemId SeverityLevel",
    ),
    ("AppMetrics", "Max Min Name Sum"),
    ("Usage", "DataType IsBillable Quantity"),
];
/// What each of them has.
const EVERYWHERE: &str = "AppRoleInstance AppRoleName AppVersion ItemCount OperationId ParentId Properties TimeGenerated _ResourceId";
/// The table of `facts/columns.rs`.
const FACTS: &str = "PravisInteractions_CL";

/// Operators and the words beside them.
const WORDS: &str = "and asc between by desc distinct extend false fullouter in inner join kind leftouter let on \
    order project startswith summarize take union where not null first";
/// Functions.
const FUNCTIONS: &str = "ago arg_max bin coalesce count countif extract iff ingestion_time isnotnull isnull \
    make_set_if max maxif percentile percentilew real round strcat sum sumif take_any toreal \
    toscalar tostring";

/// A word of a query.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    Name(String),
    /// A text.
    Text(String),
    /// `.`, `(`, `=` and the like; `==`, `=~`, `!=`, `<=` and `>=` are one.
    Sign(String),
}

pub(super) fn tokens(query: &str) -> Vec<Token> {
    let lines = query
        .lines()
        .map(|line| line.split("// ").next().unwrap_or_default());
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
            // `1h`, `0.95` and `42` are no names.
            let is_number = letter.is_ascii_digit();
            let word = run(at, &|other| is_word(other) || (is_number && other == '.'));
            at += word.len();
            if !is_number {
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
pub(super) fn unknown(query: &str, sources: &str) -> Vec<String> {
    // `project-away` is one word, `a - b` three.
    let tokens = tokens(&query.replace("project-", "project_").replace("mv-", "mv_"));
    let is = |at: Option<usize>, sign: &str| {
        at.and_then(|at| tokens.get(at)) == Some(&Token::Sign(sign.to_owned()))
    };
    let words = |list: &str| {
        list.split_whitespace()
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    };
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
    // What the query itself gives a name: `x = …`, and `(x, y) = …`.
    let mut list = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Name(name) if is(Some(at + 1), "=") => {
                known.insert(name.clone());
            }
            Token::Name(name) => list.push(name.clone()),
            Token::Sign(sign) if sign == "(" => list.clear(),
            Token::Sign(sign) if sign == ")" && is(Some(at + 1), "=") => known.extend(list.drain(..)),
            _ => {}
        }
    }
    let mut unknown = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let fine = match token {
            // What our own code records under a key of `Properties`.
            Token::Name(name) if is(at.checked_sub(1), ".") && !is(at.checked_sub(2), ".") => {
                sources.contains(name.as_str())
            }
            Token::Name(name) if is(Some(at + 1), "(") => functions.contains(name) || known.contains(name),
            // The second of two columns that a join brings together.
            Token::Name(name) => known.contains(name) || known.contains(name.trim_end_matches('1')),
            // What the query itself says in words.
            Token::Text(_) if is(at.checked_sub(1), "=") => true,
            // Names of metrics, events, attributes and modules; other texts are for people.
            Token::Text(text) if text.contains(['_', '.', ':']) && !text.contains(' ') => {
                let file = text.rsplit_once("::").map(|(_, module)| format!("{module}.rs"));
                sources.contains(text.as_str()) || file.is_some_and(|file| sources.contains(&file))
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
