//! Broken policies. Each says where, what, and what to write.

use crate::common::{and, with, wrong};
use retail::time::Span;

#[test]
fn a_channel_has_a_pool_and_a_storefront() {
    assert_eq!(
        wrong(&and("[policy.channels]\nweb = \"est\"\napp = \"main\"\n\"a b\" = \"main\"\n")),
        [
            "33:7: policy.channels.web: there is no pool \"est\"; try: main",
            "34:1: policy.channels.app: no connection plays storefront at \"app\"; \
             try: plays = [\"storefront:app\"] in a connection",
            "35:1: policy.channels.\"a b\": this is not the id of a source; \
             try: 1 to 80 of A-Z, a-z, 0-9, dot, underline and hyphen",
        ]
    );
}

#[test]
fn a_place_of_a_pool_is_a_warehouse_of_the_estate() {
    assert_eq!(
        wrong(&and("[policy.pools.main]\nplaces = [\"nroth\", \"south\"]\n")),
        ["33:11: policy.pools.main.places[0]: no connection plays wms at \"nroth\"; \
             try: north, or plays = [\"wms:nroth\"] in a connection"]
    );
}

#[test]
fn a_place_is_in_one_pool() {
    assert_eq!(
        wrong(&and("[policy.pools.main]\nplaces = [\"north\"]\n")),
        ["23:10: connection[3].plays[0]: no pool has the place \"south\"; \
             try: places = [\"south\"] in [policy.pools.…]"]
    );
    let both = "[policy.pools.main]\nplaces = [\"north\", \"north\"]\n[policy.pools.b]\nplaces = [\"south\", \"north\"]\n";
    assert_eq!(
        wrong(&and(both)),
        [
            "33:20: policy.pools.main.places[1]: \"north\" is in pool \"main\" already; \
             try: each place in one pool, once",
            "35:20: policy.pools.b.places[1]: \"north\" is in pool \"main\" already; \
             try: each place in one pool, once",
        ]
    );
}

#[test]
fn a_pool_has_places_and_a_plain_name() {
    assert_eq!(
        wrong(&and("[policy.pools.main]\nplaces = []\nsafety = -1\n[policy.pools.\"a b\"]\n")),
        [
            "33:10: policy.pools.main.places: a pool without a place can promise nothing; \
             try: places = [\"wms-north\"]",
            "34:10: policy.pools.main.safety: a whole number from 0 to 1000000000 is needed, not -1",
            "35:1: policy.pools.\"a b\".places: missing; try: places = [\"wms-north\"]",
            "35:15: policy.pools.\"a b\": this is not the id of a pool; \
             try: 1 to 80 of A-Z, a-z, 0-9, dot, underline and hyphen",
        ]
    );
    assert_eq!(
        wrong(&and("[policy]\npools = {}\n")),
        ["33:9: policy.pools: there is no pool; \
             try: [policy.pools.main], or nothing for one pool of all places"]
    );
}

#[test]
fn of_several_pools_one_is_the_default() {
    let pools = "[policy.pools.a]\nplaces = [\"north\"]\n[policy.pools.b]\nplaces = [\"south\"]\n";
    assert_eq!(
        wrong(&and(&format!("[policy]\n{pools}"))),
        ["32:1: policy.default_pool: missing, as there are several pools and none is \"main\"; \
             try: default_pool = \"a\" or \"b\""]
    );
    assert!(wrong(&and(&format!("[policy]\ndefault_pool = \"b\"\n{pools}"))).is_empty());
    assert_eq!(
        wrong(&and("[policy]\ndefault_pool = \"man\"\n")),
        ["33:16: policy.default_pool: there is no pool \"man\"; try: main"]
    );
}

#[test]
fn stock_is_published_to_storefronts_that_are_there() {
    assert_eq!(
        wrong(&and("[policy.pools.main]\nplaces = [\"north\", \"south\"]\npublish_to = [\"wbe\", \"\"]\n")),
        [
            "34:15: policy.pools.main.publish_to[0]: no connection plays storefront at \"wbe\"; \
             try: plays = [\"storefront:wbe\"] in a connection",
            "34:22: policy.pools.main.publish_to[1]: an empty text names nothing",
        ]
    );
}

#[test]
fn returns_go_to_a_place_within_days() {
    let returns = "[policy.returns]\nplace = \"nrth\"\nwindow_days = 0\nwindow_from = \"shiped\"\n\
                   windows = { decor = -3 }\nleast_days = { withdrawel = 14 }\nwithdrawal_refund_days = \"14d\"\n";
    assert_eq!(
        wrong(&and(returns)),
        [
            "33:9: policy.returns.place: no pool has the place \"nrth\"; try: north",
            "34:15: policy.returns.window_days: a whole number from 1 to 36525 is needed, not 0",
            "35:15: policy.returns.window_from: \"shiped\" is not known here; try: shipped",
            "36:21: policy.returns.windows.decor: a whole number from 1 to 36525 is needed, not -3",
            "37:16: policy.returns.least_days.withdrawel: there is no such field; try: withdrawal",
            "38:26: policy.returns.withdrawal_refund_days: a whole number is needed, not a string",
        ]
    );
}

#[test]
fn a_grade_and_what_becomes_of_it_are_known_words() {
    assert_eq!(
        wrong(&and("[policy.returns.disposition]\nA = \"restok\"\nD = \"destroy\"\nX = \"keep\"\n")),
        [
            "33:5: policy.returns.disposition.A: \"restok\" is not known here; try: restock",
            "34:1: policy.returns.disposition.D: there is no such field; try: A",
            "35:5: policy.returns.disposition.X: \"keep\" is not known here; \
             try: restock, destroy, return_to_customer, vendor_return, quarantine, refurbish",
        ]
    );
}

#[test]
fn rules_are_known_words() {
    assert_eq!(
        wrong(&and("[policy]\ncapture = \"per_shipmnt\"\nrefund_first = \"second\"\nerp_first = 1\n")),
        [
            "33:11: policy.capture: \"per_shipmnt\" is not known here; try: per_shipment",
            "34:16: policy.refund_first: \"second\" is not known here; try: first, last, proportional",
            "35:13: policy.erp_first: true or false is needed, not an integer",
        ]
    );
}

#[test]
fn spans_are_spans_and_the_warning_comes_in_time() {
    let spans =
        "[policy.spans]\nearly = \"soon\"\nretry = \"0s\"\nretries = -1\ndeadline_warning = \"14d\"\n";
    assert_eq!(
        wrong(&and(spans)),
        [
            "33:9: policy.spans.early: \"soon\" is not a span of time; try: 500ms, 60s, 5m, 24h or 30d",
            "34:9: policy.spans.retry: a span longer than nothing is needed; try: 500ms, 60s, 5m, 24h or 30d",
            "35:11: policy.spans.retries: a whole number from 0 to 1000 is needed, not -1",
            "36:20: policy.spans.deadline_warning: the warning would come before the 14 days of \
             withdrawal_refund_days begin; try: less than 14d",
        ]
    );
}

#[test]
fn closed_days_are_days_and_since_when_is_an_instant() {
    let periods = "[policy.periods]\neast_minutes = 900\n\
                   closed = [{ until = \"2010-12-31\", since = 2011-01-10 }, {}]\n";
    assert_eq!(
        wrong(&and(periods)),
        [
            "33:16: policy.periods.east_minutes: a whole number from -720 to 840 is needed, not 900",
            "34:21: policy.periods.closed[0].until: a day is needed; try: 2010-12-31, without quotes",
            "34:43: policy.periods.closed[0].since: a time with its zone is needed; \
             try: 2011-01-10T00:00:00Z, without quotes",
            "34:57: policy.periods.closed[1].since: missing; try: since = 2011-01-10T00:00:00Z",
            "34:57: policy.periods.closed[1].until: missing; try: until = 2010-12-31",
        ]
    );
}

#[test]
fn a_section_of_another_kind_is_told() {
    assert_eq!(
        wrong(&and("[policy]\nspans = 5\n")),
        ["33:9: policy.spans: a table is needed, not an integer"]
    );
}

#[test]
fn customers_are_told_of_known_milestones() {
    use retail::milestone::Milestone;
    let read = |list: &str| {
        settings::read("e", &and(&format!("[policy]\nmessages = {list}\n"))).map(|e| e.policy.messages)
    };
    assert_eq!(
        read(r#"["order_shipped", "refund_sent", "order_shipped"]"#).unwrap(),
        [Milestone::OrderShipped, Milestone::RefundSent].into()
    );
    assert!(read("[]").unwrap().is_empty(), "nobody is told anything");
    assert_eq!(
        wrong(&and("[policy]\nmessages = [\"order_shiped\", 5]\n")),
        [
            "33:13: policy.messages[0]: there is no milestone \"order_shiped\"; try: order_shipped",
            "33:29: policy.messages[1]: text is needed, not an integer",
        ]
    );
    let usual = settings::read("e", &and("")).unwrap().policy.messages;
    assert!(usual.contains(&Milestone::OrderConfirmed) && !usual.contains(&Milestone::OrderHeld));
}

#[test]
fn what_may_be_given_back() {
    let given = "[policy]\nrefund_first = \"proportional\"\n[policy.credits]\ngoodwill_limit = 2500\n\
                 approve_above = 10000\nstore_credit = \"stripe\"\npromotion_break = \"claw_back\"\n";
    let read = settings::read("e", &and(given)).unwrap().policy;
    assert_eq!(read.refund_first, settings::RefundFirst::Proportional);
    assert_eq!((read.credits.goodwill_limit, read.credits.approve_above), (2_500, Some(10_000)));
    assert_eq!((read.credits.store_credit.as_str(), read.credits.approve_returns_above), ("stripe", None));
    assert_eq!(
        wrong(&and(
            "[policy.credits]\ngoodwill_limit = -1\nstore_credit = \"strpe\"\npromotion_break = \"keeep\"\n"
        )),
        [
            "33:18: policy.credits.goodwill_limit: a whole number from 0 to 100000000000 is needed, not -1",
            "34:16: policy.credits.store_credit: no connection plays payments at \"strpe\"; try: stripe",
            "35:19: policy.credits.promotion_break: \"keeep\" is not known here; try: keep",
        ]
    );
}

#[test]
fn checks_are_asked_of_somebody_and_answered_by_known_words() {
    let checkout = "[policy.checkout]\ntax_tolerance = -1\non_expiry = \"renew\"\ninvoice = \"onse\"\n\
                    [policy.checkout.fraud]\nask = true\nwait = \"0s\"\nwhen_down = \"goon\"\n\
                    [policy.checkout.payment]\nask = true\nwhen_refused = \"void\"\n";
    assert_eq!(
        wrong(&and(checkout)),
        [
            "33:17: policy.checkout.tax_tolerance: a whole number from 0 to 1000000 is needed, not -1",
            "34:13: policy.checkout.on_expiry: \"renew\" is not known here; try: hold, reauthorise",
            "35:11: policy.checkout.invoice: \"onse\" is not known here; try: per_shipment, when_complete",
            "37:7: policy.checkout.fraud.ask: no connection plays fraud, so nobody can be asked; \
             try: plays = [\"fraud\"] in a connection, or ask = false",
            "38:8: policy.checkout.fraud.wait: a span longer than nothing is needed; try: 500ms, 60s, 5m, 24h or 30d",
            "39:13: policy.checkout.fraud.when_down: \"goon\" is not known here; try: go_on",
            "42:16: policy.checkout.payment.when_refused: \"void\" is not known here; try: hold",
        ]
    );
}

#[test]
fn all_that_is_decided_about_checkout_is_read() {
    let text = with("\"returns\"]", "\"returns\", \"fraud\"]")
        + "[policy]\ncapture = \"at_first_shipment\"\n[policy.checkout]\nrenew_before = \"6h\"\n\
           [policy.checkout.fraud]\nask = true\nwait = \"90s\"\nwhen_down = \"go_on\"\nwhen_refused = \"cancel\"\n";
    let policy = settings::read("e", &text).unwrap().policy;
    assert_eq!(policy.capture, settings::CaptureRule::AtFirstShipment);
    let checkout = policy.checkout;
    assert_eq!(checkout.renew_before, Span::hours(6));
    let fraud = settings::Check {
        ask: true,
        wait: Span::seconds(90),
        when_down: settings::WhenDown::GoOn,
        when_refused: settings::WhenRefused::Cancel,
    };
    assert_eq!(checkout.fraud, fraud);
    assert!(!checkout.customer.ask && !checkout.tax.ask);
}
