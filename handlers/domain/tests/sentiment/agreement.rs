//! Agreement with a person's labels.

use domain::sentiment::{self, SentimentLabel};

/// Cohen's kappa that was measured, rounded down: what is worse than that is a mistake.
const KAPPA: f64 = 0.64;
/// The same of the share of comments with the same label.
const AGREEMENT: f64 = 0.73;

struct Labelled {
    label: SentimentLabel,
    locale: Option<&'static str>,
    comment: &'static str,
}

fn labelled() -> Vec<Labelled> {
    let lines = include_str!("labelled.tsv").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let [label, locale, comment] = line.splitn(3, '\t').collect::<Vec<_>>().try_into().unwrap();
            Labelled {
                label: label.parse().unwrap(),
                locale: Some(locale).filter(|locale| *locale != "-"),
                comment,
            }
        })
        .collect()
}

#[test]
fn most_comments_get_the_label_that_a_person_gives_them() {
    let set = labelled();
    assert!(set.len() >= 200);
    let place = |label| SentimentLabel::ALL.iter().position(|own| *own == label).unwrap();
    let mut table = [[0_u32; 4]; 4];
    for Labelled {
        label,
        locale,
        comment,
    } in &set
    {
        let got = sentiment::of(comment, *locale).sentiment.label;
        table[place(*label)][place(got)] += 1;
        if got != *label {
            println!("{} and not {}: {comment}", got.as_str(), label.as_str());
        }
    }
    let all = set.len() as f64;
    let same: u32 = (0..4).map(|label| table[label][label]).sum();
    let agreement = f64::from(same) / all;
    // How often two that know nothing of the comments, but label as many of each kind, would agree.
    let chance: f64 = (0..4)
        .map(|label| {
            let (row, column): (u32, u32) = (
                table[label].iter().sum(),
                table.iter().map(|row| row[label]).sum(),
            );
            f64::from(row) * f64::from(column) / (all * all)
        })
        .sum();
    let kappa = (agreement - chance) / (1.0 - chance);
    println!(
        "a row a label of the person, a column a label of the program: {:?}",
        SentimentLabel::ALL
    );
    for (label, row) in SentimentLabel::ALL.iter().zip(table) {
        println!("{:>8} {row:?}", label.as_str());
    }
    println!(
        "{} comments: agreement {agreement:.3}, Cohen's kappa {kappa:.3}",
        set.len()
    );
    assert!(agreement >= AGREEMENT, "agreement {agreement:.3}");
    assert!(kappa >= KAPPA, "kappa {kappa:.3}");
}
