//! `[policy.returns]`: how goods are matched, carried, kept and paid for, and by when all of it is to be settled.

use super::policy::word;
use super::roster::Roster;
use super::words::{days, is_id, span, texts, yes};
use crate::returns::{FeeKind, FeeRule, RefundLost, ReturnRules, Tell, Withhold};
use crate::role::Role;
use formats::toml::{Fields, Node};
use retail::returns::{Disposition, Regime, ReturnType};
use retail::time::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Days after notice, unless the estate says otherwise: what the law calls a reasonable time for goods that are not as
/// they should be (Directive (EU) 2019/771 art. 14) or are called back, and a refused parcel as a withdrawal.
const DEADLINES: [(Regime, i64); 4] =
    [(Regime::Commercial, 0), (Regime::Conformity, 30), (Regime::Refused, 14), (Regime::Recall, 30)];

/// Reasons for which the retailer pays, unless the estate says otherwise.
const FREE: [&str; 6] =
    ["damaged", "damaged_in_transit", "defective", "not_as_described", "wrong_item", "late"];

/// The largest amount that a setting may have, minor units.
const MOST: i64 = 1_000_000_000_000;

/// Reads the rest of `[policy.returns]`.
pub(super) fn rules(fields: &mut Fields<'_>, roster: &Roster<'_>) -> ReturnRules {
    let mut wait = |name, usual| fields.get(name).and_then(|node| span(&node)).unwrap_or(usual);
    let (match_after, receipt_after) =
        (wait("match_after", Span::days(3)), wait("receipt_after", Span::days(3)));
    ReturnRules {
        find_sale: yes(fields, "find_sale", false),
        match_after,
        labels: yes(fields, "labels", true),
        receipt_after,
        keep_below: fields.section("keep_below").map(amounts).unwrap_or_default(),
        withhold: word(
            fields.get("withhold"),
            &[("goods", Withhold::Goods), ("dispatch", Withhold::Dispatch), ("not", Withhold::Not)],
        ),
        refund_lost: word(
            fields.get("refund_lost"),
            &[("ours", RefundLost::Ours), ("always", RefundLost::Always), ("never", RefundLost::Never)],
        ),
        fees: fields
            .get("fees")
            .map(|node| node.items())
            .unwrap_or_default()
            .iter()
            .filter_map(fee)
            .collect(),
        refurbished: fields
            .get("refurbished")
            .and_then(|node| refurbished(&node))
            .unwrap_or(Disposition::Restock),
        deadlines: fields.section("deadlines").map(deadlines).unwrap_or_default(),
        tell: tell(fields.section("tell"), roster),
    }
}

fn amounts(fields: Fields<'_>) -> BTreeMap<String, i64> {
    let entries = fields.entries();
    let amount = |node: &Node<'_>| node.whole(0..=MOST);
    entries.iter().filter_map(|(category, node)| Some((category.value.to_owned(), amount(node)?))).collect()
}

fn refurbished(node: &Node<'_>) -> Option<Disposition> {
    let words: Vec<(&str, Disposition)> =
        Disposition::ALL.iter().filter(|d| d.is_final()).map(|d| (d.code(), *d)).collect();
    node.word(&words)
}

fn deadlines(mut fields: Fields<'_>) -> BTreeMap<Regime, i64> {
    let mut all = BTreeMap::from(DEADLINES);
    for (regime, _) in DEADLINES {
        if let Some(node) = fields.get(regime.code()) {
            let none = node.whole(0..=36_525).is_some_and(|n| n == 0);
            let given = if none { Some(0) } else { days(&node) };
            all.extend(given.map(|n| (regime, n)));
        }
    }
    fields.done();
    all.retain(|_, days| *days > 0);
    all
}

fn fee(node: &Node<'_>) -> Option<FeeRule> {
    let mut fields = node.fields()?;
    let kinds = [("restocking", FeeKind::Restocking), ("return_shipping", FeeKind::ReturnShipping)];
    let kind = fields.need("kind", "kind = \"restocking\"").and_then(|node| node.word(&kinds));
    let amount = fields.get("amount").and_then(|node| node.whole(1..=MOST)).unwrap_or(0);
    let basis_points = fields.get("basis_points").and_then(|node| node.whole(1..=10_000)).unwrap_or(0);
    if (amount > 0) == (basis_points > 0) {
        fields.fault("a fee is an amount or a share", "one of amount = 395 and basis_points = 1500");
    }
    let types =
        fields.need("types", "types = [\"commercial\"]").map(|node| types(&node, kind)).unwrap_or_default();
    let set = |node: Option<Node<'_>>| -> Option<BTreeSet<String>> {
        node.map(|node| texts(&node).into_iter().map(|(text, _)| text).collect())
    };
    let categories = set(fields.get("categories")).unwrap_or_default();
    let free = set(fields.get("free_reasons")).unwrap_or_else(|| FREE.map(str::to_owned).into());
    fields.done();
    let free_reasons = free.iter().map(|reason| reason.to_ascii_lowercase()).collect();
    Some(FeeRule { kind: kind?, amount, basis_points, types, categories, free_reasons })
}

/// The grounds that pay a fee. Of a withdrawal nothing may be kept but the way back (Directive 2011/83/EU art. 13 and
/// 14); what was not as it should be, was called back or never taken costs the customer nothing.
fn types(node: &Node<'_>, kind: Option<FeeKind>) -> BTreeSet<ReturnType> {
    let words: Vec<(&str, ReturnType)> = ReturnType::ALL.iter().map(|t| (t.code(), *t)).collect();
    let mut types = BTreeSet::new();
    let items = node.items();
    if items.is_empty() {
        node.fault("a fee that no ground pays is none", "types = [\"commercial\"]");
    }
    for item in items {
        let Some(ground) = item.word(&words) else { continue };
        let way_back = kind == Some(FeeKind::ReturnShipping);
        let may = match ground {
            ReturnType::Commercial => true,
            ReturnType::Withdrawal => way_back,
            _ => false,
        };
        if !may {
            item.fault(
                format!("the law lets nothing be kept of a return on the ground of {ground} by this fee"),
                if way_back { "commercial, withdrawal" } else { "commercial" },
            );
        }
        types.insert(ground);
    }
    types
}

/// Who is told of returns that were asked for at a source: its own returns platform, where it has one, unless the
/// estate says otherwise. Another's platform does not know them.
fn tell(fields: Option<Fields<'_>>, roster: &Roster<'_>) -> BTreeMap<String, Tell> {
    let mut all = BTreeMap::new();
    let named = roster.named_by("source").map(|named| named.value.as_str());
    for source in roster.ats(Role::Storefront).into_iter().chain(named) {
        let own = roster.ats(Role::Returns).contains(&source);
        all.insert(source.to_owned(), if own { Tell::Returns } else { Tell::Nobody });
    }
    let words = [("returns", Tell::Returns), ("storefront", Tell::Storefront), ("nobody", Tell::Nobody)];
    for (source, node) in fields.map(|fields| fields.entries()).unwrap_or_default() {
        if !is_id(source.value) {
            node.fault("this is not the id of a source", super::words::ID);
        }
        let Some(told) = node.word(&words) else { continue };
        match told {
            Tell::Returns => roster.expect(Role::Returns, source.value, &node),
            Tell::Storefront => roster.expect(Role::Storefront, source.value, &node),
            Tell::Nobody => {}
        }
        all.insert(source.value.to_owned(), told);
    }
    all
}
