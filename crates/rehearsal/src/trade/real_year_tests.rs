//! The real year, where the file is there: `CROSSDOCK_SHARED`, or `../shared` beside the workspace.

use super::fake_hub::FakeHub;
use super::*;
use std::path::PathBuf;

const FILE: &str = "data/online-retail/online_retail_2010-12_2011-12.csv.gz";

fn year() -> Option<Trade> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("CROSSDOCK_SHARED").map_or(beside, PathBuf::from);
    let file = std::fs::File::open(shared.join(FILE)).ok()?;
    Some(Trade::read(file, ColumnMap::online_retail().unwrap()).unwrap())
}

#[test]
fn the_real_year_is_read_whole_and_ties() {
    let Some(trade) = year() else { return };
    assert_eq!((trade.lines.len(), trade.invoices.len()), (541_909, 25_900));
    let count = |class| trade.invoices.iter().filter(|i| i.class == class).count();
    assert_eq!(count(Class::Sale), 22_061);
    assert_eq!(count(Class::Cancellation), 3_836);
    assert_eq!(count(Class::Adjustment), 3);
    assert_eq!(trade.days().len(), 305);

    let mut hub = FakeHub::shipped(&trade);
    hub.run(&trade);
    // The publisher's 7,518 counts sales of the same minute as earlier and leaves an order alone that cannot cover
    // a line whole. Two of those sales are of the same minute, and two of the lines find that an order's last
    // units went to one of the 54 lines that are covered in part.
    assert_eq!((hub.whole, hub.part, hub.none), (7_514, 54, 1_720));

    let account = hub.account(&trade);
    let ties = account.ties();
    assert!(ties.ties);
    assert_eq!(ties.sales.file.to_string(), "10655622.484");
    assert_eq!(ties.cancellations.file.normalize().to_string(), "-896812.49");
    assert_eq!(ties.adjustments.file.normalize().to_string(), "-11062.06");
    let reasons = account.by_reason();
    assert_eq!(reasons["write_off"].lines, 1_336);
    assert_eq!(reasons["bad_debt_adjustment"].lines, 3);
    assert_eq!(reasons["no_sale_found"].lines, 1_720);
    assert_eq!(ties.lines_taken, 541_909 - 1_336 - 3 - 1_720);
}

#[test]
fn the_real_years_supply_is_what_it_sells() {
    let Some(trade) = year() else { return };
    let supply = Supply::plan(&trade);
    let units = |lines: &[crate::wire::Units]| lines.iter().map(|u| u.quantity).sum::<i64>();
    let received: i64 = supply.receipts.values().chain(&supply.rest).map(|r| units(&r.lines)).sum();
    let goods = |l: &&Line| trade.map.kind(trade.skus.text(l.sku)).is_stocked();
    let sold: i64 =
        trade.invoices.iter().flat_map(|i| trade.ordered(i)).filter(goods).map(|l| l.quantity).sum();
    assert_eq!(units(&supply.first) + units(&supply.second) + received, sold);
    assert!(supply.rest.is_some(), "some articles were first sold in the last 14 trading days");
    assert!(trade.invoices.iter().filter(|i| trade.order(i).is_some()).count() == 20_725);
}
