//! What must hold of a world: at every instant, and once it has come to rest.

use super::{World, name};
use books::Account;
use flows::order::credit::Way;
use flows::order::dispute::DisputeState;
use flows::{State, order, stock};
use retail::credit::CreditKind;
use std::collections::{BTreeMap, BTreeSet};

/// Rules of every instant, of the case that changed last.
pub fn always(world: &World) {
    let Some(case) = &world.last else { return };
    if let Some(State::Order(s)) = world.state(case) {
        of_order(world, &case.value, &s);
    }
}

fn of_order(world: &World, id: &str, state: &order::State) {
    let Some(doc) = state.doc.as_deref() else { return };
    let b = &state.body;
    for (i, (d, l)) in (0_u16..).zip(doc.lines.iter().zip(&b.lines)) {
        let parts = [
            l.cancelled,
            l.shipped,
            l.credited,
            b.reserved_of(i),
            b.released_of(i),
            b.waiting(doc, i),
            b.held(i),
            b.returnable(i),
        ];
        assert!(parts.iter().all(|n| *n >= 0), "{id} line {}: {parts:?}", d.id);
        let sum = l.cancelled + l.shipped + b.reserved_of(i) + b.released_of(i) + b.waiting(doc, i);
        if d.is_goods() {
            assert_eq!(sum, d.quantity, "{id} line {}: every unit is somewhere", d.id);
        }
        // M1, M4: what was given back of a line is for units that were shipped, and no more than they cost.
        assert!(l.credited + b.held(i) <= l.shipped, "{id} line {}", d.id);
        let live = || b.credits.iter().filter(|c| c.counts());
        let lines = || {
            live().flat_map(|c| (0..c.lines.len()).map(move |n| (c, n))).filter(|(c, n)| c.lines[*n].1 == i)
        };
        let given: i64 = lines().map(|(c, n)| c.value(doc, n).0).sum();
        if lines().all(|(c, n)| c.values.is_empty() && c.carries_units(n)) {
            assert_eq!(
                given,
                doc.share(i, 0, l.credited).0,
                "{id} line {}: credited units add up (M5)",
                d.id
            );
        }
        let clawed: i64 = lines().map(|(c, n)| (-c.value(doc, n).0).max(0)).sum();
        let facts = books::rules::LineFacts {
            order: id.into(),
            line: d.id.clone(),
            ordered: d.quantity,
            cancelled: l.cancelled,
            shipped: l.shipped,
            returned: l.shipped,
            credited: l.credited,
            charged: doc.share(i, 0, l.shipped).0,
            given_back: given + clawed,
            clawed_back: clawed,
        };
        assert_eq!(books::rules::m1_line(&facts), [], "{id}");
        let left = b.worth(doc, i, l.credited, l.shipped);
        assert!(
            left.0 >= 0 && given + left.0 <= facts.charged,
            "{id} line {}: {given} given, {left:?} left",
            d.id
        );
    }
    for (n, c) in b.credits.iter().enumerate() {
        let lines: Vec<i64> = (0..c.lines.len()).map(|n| c.value(doc, n).0).collect();
        let part = |way| c.part(way);
        let facts = books::rules::CreditFacts {
            credit: format!("{id}-C{}", n + 1),
            amount: c.amount,
            lines: if c.lines.is_empty() { vec![c.amount] } else { lines },
            refunds: part(Way::Tender) + part(Way::Elsewhere) + part(Way::Dispute),
            stored_value: part(Way::Issued),
            applied: part(Way::Applied),
            fees_withheld: part(Way::Withheld),
            settled: !c.parts.is_empty() && c.is_granted(),
        };
        assert_eq!(books::rules::m5(&facts), [], "{id}");
        let policy = &world.flows.policy.credits;
        let facts = books::rules::GrantFacts {
            credit: facts.credit,
            amount: c.amount,
            approve_above: policy
                .approve_above
                .filter(|_| c.rma.is_empty() && c.wish.paid_by.is_none() && !c.wish.taken_over),
            asked_by: c.asked_by.clone(),
            approved_by: Some(c.approved_by.clone())
                .filter(|by| c.is_granted() && !by.is_empty() && c.wish.paid_by.is_none()),
            granted: c.is_granted(),
        };
        assert_eq!(books::rules::m8(&facts), [], "{id}");
    }
    let goodwill = b
        .credits
        .iter()
        .filter(|c| c.counts() && c.kind.0 == CreditKind::Goodwill && c.wish.paid_by.is_none());
    let facts = books::rules::GoodwillFacts {
        order: id.into(),
        given: goodwill.map(|c| c.amount).sum(),
        limit: world.flows.policy.credits.goodwill_limit,
    };
    assert_eq!(books::rules::m1_goodwill(&facts), []);
    for (i, (d, t)) in doc.tenders.iter().zip(&b.tenders).enumerate() {
        let authorised = b.authorised(doc, i);
        assert!(t.captured <= authorised || t.capture_asked <= authorised, "{id} {}", d.id);
        if t.elsewhere == 0 && b.disputes.is_empty() {
            assert!(t.refund_asked <= t.captured, "{id} {}: refunds within what was captured (M1, M6)", d.id);
        }
    }
}

/// Nothing is released while a hold stands, and a check that is waited for.
pub fn nothing_held_is_released(world: &World) {
    let mut holds: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (of, kind, data) in &world.facts {
        let holds = holds.entry(&of.value).or_default();
        let hold = data["hold"].as_str().unwrap_or_default().to_owned();
        match *kind {
            "order.held" => assert!(holds.insert(hold) || data["reason"].is_string(), "{of} {data}"),
            "order.hold_lifted" => assert!(holds.remove(&hold), "{of} was not held for {hold}"),
            "order.released" | "fulfilment.requested" => {
                assert!(holds.is_empty(), "{of} is released under {holds:?}: {data}");
            }
            _ => {}
        }
    }
}

/// Rules of a world in which nothing is under way: books, systems, stock and orders tell the same story.
pub fn at_rest(world: &World) {
    assert_eq!(world.choices(), 0);
    nothing_held_is_released(world);
    assert!(world.totals.unbalanced().is_empty(), "books balance: {:?}", world.totals.unbalanced());
    let (mut invoiced, mut granted, mut unpaid, mut open) = (0, 0, 0, 0);
    let (mut elsewhere, mut uncredited, mut goodwill, mut surplus) = (0, 0, 0, 0);
    let (mut losses, mut lost, mut disputed, mut fees, mut stored) = (0, 0, 0, 0, 0);
    let mut refunds: BTreeMap<String, i64> = BTreeMap::new();
    for case in world.cases.keys() {
        let Some(State::Order(s)) = world.state(case) else { continue };
        let Some(doc) = s.doc.as_deref() else { continue };
        of_order(world, &case.value, &s);
        let b = &s.body;
        invoiced += b.invoiced(doc);
        let live = || b.credits.iter().filter(|c| c.is_granted());
        granted += live().filter(|c| !c.wish.taken_over).map(|c| c.amount).sum::<i64>();
        unpaid += live().flat_map(|c| &c.parts).filter(|p| !p.2).map(|p| p.1).sum::<i64>();
        unpaid += live().filter(|c| c.parts.is_empty()).map(|c| c.amount).sum::<i64>();
        let covered: i64 = live().map(|c| c.part(Way::Elsewhere)).sum();
        elsewhere += b.elsewhere.values().map(|x| x.1).sum::<i64>();
        uncredited += b.elsewhere.values().map(|x| x.1).sum::<i64>() - covered;
        for c in live() {
            match c.kind.0 {
                _ if c.wish.taken_over => {}
                CreditKind::Goodwill => goodwill += c.amount,
                CreditKind::Cancellation => surplus += c.amount,
                _ => {}
            }
            losses -= c.part(Way::Dispute);
            fees += c.part(Way::Withheld);
            stored += c.parts.iter().filter(|p| p.3 == Way::Issued && p.2).map(|p| p.1).sum::<i64>();
        }
        for d in b.disputes.values() {
            match d.state {
                DisputeState::Open => disputed += d.amount,
                DisputeState::Lost => losses += d.amount,
                DisputeState::Won => {}
            }
            lost += if d.state == DisputeState::Lost { d.amount } else { 0 };
        }
        for (i, l) in (0_u16..).zip(&b.lines) {
            let of = doc.lines[usize::from(i)].quantity;
            open += doc.share(i, l.shipped, of - l.cancelled).0;
        }
        for (d, t) in doc.tenders.iter().zip(&b.tenders) {
            let taken = world.systems.captured.get(&d.payment).copied().unwrap_or(0);
            assert_eq!(taken, t.captured, "{}: the provider's captures", d.payment);
            refunds.entry(d.payment.clone()).or_default();
        }
        same_stock(world, &case.value, &s);
    }
    for (payment, amount) in world.systems.refunded.values() {
        *refunds.entry(payment.clone()).or_default() += amount;
    }
    same_units(world);
    let captured: i64 = world.systems.captured.values().sum();
    let refunded: i64 = refunds.values().sum();
    let total = |a: &Account| world.total(a, "GBP");
    assert_eq!(total(&Account::OrdersOpen), open, "booked and neither invoiced nor cancelled");
    assert_eq!(total(&Account::OrdersBooked), -open);
    assert_eq!(total(&Account::Receivable), invoiced - captured + surplus, "owed by customers");
    let executors = ["stripe", "shop_pay", "gift"];
    let with: i64 = executors.iter().map(|e| total(&Account::Provider((*e).into()))).sum();
    assert_eq!(with, captured - refunded - elsewhere - disputed - lost, "with the providers");
    let held: i64 = executors.iter().map(|e| total(&Account::Disputed((*e).into()))).sum();
    assert_eq!(held, disputed, "held back by the providers");
    assert_eq!(total(&Account::Provider("exchange".into())), 0, "exchanges are cleared");
    assert_eq!(total(&Account::RefundsPayable), uncredited - unpaid, "owed to customers");
    assert_eq!(total(&Account::FeesWithheld), -fees);
    assert_eq!(total(&Account::StoredValue), -stored);
    assert_eq!(total(&Account::Goodwill), goodwill);
    assert_eq!(total(&Account::DisputeLosses), losses);
    let sold = total(&Account::Sales) + total(&Account::Tax) + total(&Account::Returns);
    assert_eq!(sold, granted - goodwill - surplus - invoiced);
    let erp: i64 = world.systems.invoices.values().sum();
    assert_eq!(erp, invoiced, "the ERP's invoices");
}

/// Units are where the books say: on hand as the pool has it, and none in inspection once all is disposed of (S5, S6).
fn same_units(world: &World) {
    let pool = name("pool", "main");
    for ((of, key), body) in world.rows.iter().filter(|((of, key), _)| *of == pool && key.starts_with("p/")) {
        let Ok(stock::Row::Position(p)) = stock::decode_row(key, body) else { panic!("{of} {key}") };
        let sku = key.trim_start_matches("p/");
        let State::Pool(head) = world.state(&pool).unwrap() else { panic!("{pool}") };
        for at in &p.at {
            let place = head.place_name(stock::spot::place_of(at.spot));
            let account = Account::Place(stock::spot::name(place, p.tag(at.spot)));
            assert_eq!(world.total(&account, sku), at.on_hand(), "{sku} at {account}");
        }
        let interim = world.exceptions().contains(&"units_in_quarantine");
        assert!(
            interim || world.total(&Account::Inspection, sku) == 0 || !at_peace(world),
            "{sku} in inspection"
        );
    }
}

/// Whether no return waits for anything.
fn at_peace(world: &World) -> bool {
    !world.cases.iter().any(|(n, c)| n.kind == "return" && c.open)
}

/// The pool holds for an order exactly what the order believes, and lets the same units wait.
fn same_stock(world: &World, id: &str, s: &order::State) {
    let Some(doc) = s.doc.as_deref() else { return };
    if !doc.has_goods() || !s.body.answered {
        return;
    }
    let pool = name("pool", "main");
    let row = |key: String| {
        let body = world.rows.get(&(pool.clone(), key.clone()))?;
        Some(stock::decode_row(&key, body).unwrap())
    };
    let held = match row(stock::state::order_key(id)) {
        Some(stock::Row::Order(o)) => o.held,
        _ => Vec::new(),
    };
    for (i, d) in (0_u16..).zip(&doc.lines).filter(|(_, d)| d.is_pooled()) {
        let there: i64 = held.iter().filter(|h| h.0 == d.id).map(|h| h.3).sum();
        let here = s.body.reserved_of(i) + s.body.released_of(i);
        assert_eq!(there, here, "{id} line {}: reserved in the pool and here", d.id);
        let Some(stock::Row::Position(p)) = row(stock::state::position_key(&d.sku)) else { continue };
        let waits: i64 =
            p.waiting.iter().filter(|w| w.order == id && w.line == d.id).map(|w| w.quantity).sum();
        assert_eq!(waits, s.body.waiting(doc, i), "{id} line {}: waiting in the pool and here", d.id);
    }
}

/// Every case is finished, but for those that wait for a person, who has been told.
pub fn finished(world: &World, waits_for_a_person: &[&str]) {
    for (case, stored) in &world.cases {
        let told = |code: &&str| world.exceptions.iter().any(|e| e.0 == *case && e.1 == *code);
        if stored.open && case.kind != "pool" && !waits_for_a_person.iter().any(told) {
            let show = flows::views::show(&world.flows.policy, case, &world.state(case).unwrap());
            panic!("{case} is still open, with {:?}: {show:#}", world.exceptions);
        }
    }
}
