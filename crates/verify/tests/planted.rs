//! Clean evidence passes; every planted error is found by the rule that is there for it.

use std::collections::BTreeSet;
use verify::plant::{self, Found};
use verify::{ALL, Settings, check};

#[test]
fn clean_evidence_passes_and_what_is_under_way_is_counted() {
    let evidence = plant::sample();
    let report = evidence.report(Settings::default());
    let said: Vec<String> = report.breaches.iter().map(ToString::to_string).collect();
    assert!(report.clean(), "{}", said.join("\n"));
    assert_eq!(report.in_progress.get("orders"), Some(&2), "{:?}", report.in_progress);
    assert_eq!(report.with_people.get("messages"), Some(&1), "{:?}", report.with_people);
    let idle: Vec<_> = report.checks.iter().filter(|c| c.rows_checked == 0).map(|c| c.rule).collect();
    // Those of the store itself are held against a folder.
    let none = ["store.row", "store.whole", "store.file", "journal.export"];
    assert_eq!(idle, none, "rules that held against nothing");
}

#[test]
fn each_planted_error_is_found_by_its_rule() {
    let clean = plant::sample();
    let mut missed = Vec::new();
    let outcomes = plant::try_all(&clean, &Settings::default());
    for (plant, found) in &outcomes {
        if *found != Found::Yes {
            missed.push(format!("{} ({}): {found:?}", plant.name, plant.rule));
        }
    }
    assert!(missed.is_empty(), "{} of {} missed:\n{}", missed.len(), outcomes.len(), missed.join("\n"));
    assert!(outcomes.len() >= 80, "{}", outcomes.len());
}

#[test]
fn every_rule_has_an_error_planted_for_it() {
    let planted: BTreeSet<_> = plant::all().iter().map(|p| p.rule).collect();
    let rules: BTreeSet<_> = ALL.iter().map(|r| r.id).collect();
    assert_eq!(rules.difference(&planted).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(planted.difference(&rules).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn without_ledgers_the_journal_alone_is_judged() {
    let mut evidence = plant::sample();
    evidence.ledgers.clear();
    assert_eq!(check(&evidence), []);
}

#[test]
fn reports_that_may_still_be_on_their_way_are_no_breach() {
    let mut evidence = plant::sample();
    let lost = plant::all().into_iter().find(|p| p.name == "an order never reached the hub").unwrap();
    assert!((lost.plant)(&mut evidence));
    assert!(!evidence.report(Settings::default()).clean());
    let report = evidence.report(Settings { systems_at_rest: false, ..Settings::default() });
    assert!(report.clean(), "{:?}", report.breaches);
    assert_eq!(report.in_progress.get("reports_under_way"), Some(&1));
}

#[test]
fn a_refund_by_others_may_be_on_its_way_while_systems_run() {
    let mut evidence = plant::sample();
    let lost =
        plant::all().into_iter().find(|p| p.name == "a refund was made by hand and never reported").unwrap();
    assert!((lost.plant)(&mut evidence));
    assert!(!evidence.report(Settings::default()).clean());
    let report = evidence.report(Settings { systems_at_rest: false, ..Settings::default() });
    assert!(report.clean(), "{:?}", report.breaches);
    assert_eq!(report.in_progress.get("reports_under_way"), Some(&1));
}
