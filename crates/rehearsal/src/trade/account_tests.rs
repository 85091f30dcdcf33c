use super::fake_hub::FakeHub;
use super::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

const ROWS: &str = "\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,A,a,6,2011-01-04 10:00:00,2.55,7.0,UK
1,A,a,1,2011-01-04 10:00:00,0.001,7.0,UK
1,POST,p,1,2011-01-04 10:00:00,18,7.0,UK
2,A,a,4,2011-01-04 11:00:00,3.00,7.0,UK
3,B,b,5,2011-01-04 11:30:00,1.00,8.0,UK
4,A,check,-9,2011-01-04 12:00:00,0,,UK
5,B,b,2,2011-01-05 10:00:00,1.00,,UK
C6,A,a,-9,2011-01-05 10:00:00,2.55,7.0,UK
C7,A,a,-5,2011-01-05 11:00:00,2.55,7.0,UK
C8,B,b,-1,2011-01-04 11:30:00,1.00,8.0,UK
C9,B,b,-1,2011-01-05 12:00:00,1.00,,UK
A10,B,debt,1,2011-01-05 12:00:00,-11.5,,UK
";

fn trade() -> Trade {
    Trade::read(ROWS.as_bytes(), ColumnMap::online_retail().unwrap()).unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn aside(account: &Account) -> BTreeMap<String, (u64, u64, String)> {
    let entry = |(r, s): (String, SetAside)| (r, (s.lines, s.parts, s.amount.normalize().to_string()));
    account.by_reason().into_iter().map(entry).collect()
}

fn entry(lines: u64, parts: u64, amount: &str) -> (u64, u64, String) {
    (lines, parts, amount.to_owned())
}

#[test]
fn every_line_and_every_penny_is_accounted_for() {
    let trade = trade();
    let mut hub = FakeHub::shipped(&trade);
    hub.run(&trade);
    assert_eq!((hub.whole, hub.part, hub.none), (1, 1, 2));
    let account = hub.account(&trade);
    let ties = account.ties();
    assert!(ties.ties, "{ties:?}");
    assert_eq!((ties.lines_total, ties.lines_taken, ties.lines_set_aside), (12, 8, 4));
    assert_eq!((ties.sales.file, ties.sales.taken), (decimal("52.301"), decimal("52.30")));
    // C6 asks 9: order 1 gives 7 of its two lines (15.30 and 0.00), order 2 gives 2 at 3.00; C7 the other 2.
    assert_eq!(ties.cancellations.file, decimal("-37.70"));
    assert_eq!(ties.cancellations.taken, decimal("-27.30"));
    let reasons = aside(&account);
    assert_eq!(reasons["write_off"], entry(1, 0, "0"));
    assert_eq!(reasons["bad_debt_adjustment"], entry(1, 0, "-11.5"));
    assert_eq!(reasons["rounding"], entry(0, 1, "0.001"));
    // 1 unit claimed at 2.55 and paid 0.00; 4 claimed at 2.55 and paid 3.00.
    assert_eq!(reasons["price_differs"], entry(0, 3, "-0.75"));
    // 3 of C7's five, C8 (its sale is of the same minute), C9 (no customer).
    assert_eq!(reasons["no_sale_found"], entry(2, 1, "-9.65"));
}

#[test]
fn an_order_that_the_hub_refused_is_set_aside_with_its_returns() {
    let trade = trade();
    let mut hub = FakeHub::shipped(&trade);
    hub.refuse(&trade, "1");
    hub.run(&trade);
    let account = hub.account(&trade);
    assert!(account.ties().ties);
    let reasons = aside(&account);
    assert_eq!(reasons["parked"], entry(3, 0, "33.301"));
    assert_eq!(reasons["no_sale_found"], entry(3, 1, "-27.5"));
    assert!(!reasons.contains_key("rounding"));
}

#[test]
fn what_the_hub_did_not_settle_shows_and_still_ties() {
    let trade = trade();
    let account = Account::of(&trade, &BTreeMap::new(), &BTreeMap::new());
    assert!(account.ties().ties);
    assert_eq!(account.ties().lines_taken, 0);
    assert_eq!(aside(&account)["not_settled"].0, 10);
}

#[test]
fn a_total_that_is_not_the_sum_of_its_lines_is_named() {
    let trade = trade();
    let orders = BTreeMap::from([(0, Ok(3_329))]);
    let account = Account::of(&trade, &orders, &BTreeMap::new());
    assert!(account.ties().ties);
    assert_eq!(aside(&account)["total_differs"], entry(0, 1, "0.01"));
}

#[test]
fn a_verdict_that_credits_too_much_is_not_hidden() {
    let trade = trade();
    let piece = Piece { rma: "C8".into(), return_line: "1".into(), units: 1 };
    let verdict = Verdict { credited: 2, amount: 200, refused: BTreeMap::new() };
    let line = trade.invoices.iter().find(|i| &*i.number == "C8").unwrap().lines.start;
    let account = Account::of(&trade, &BTreeMap::new(), &BTreeMap::from([(line, vec![(piece, verdict)])]));
    let reasons = aside(&account);
    assert_eq!(account.ties().cancellations.taken, decimal("-2"));
    assert!(account.ties().ties, "what was credited beyond the line stands against it: {reasons:?}");
    assert!(reasons["not_settled"].1 == 1);
}
