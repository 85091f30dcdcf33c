//! What an estate says, and what holds where it says nothing.

use crate::common::{SMALL, and, with};
use retail::returns::{Disposition, Grade, ReturnType};
use retail::time::{Span, Time};
use settings::{CaptureRule, Closing, Periods, RefundFirst, Revision, Role, WindowFrom, read};

#[test]
fn a_small_estate_reads_with_careful_defaults() {
    let estate = read("e", SMALL).unwrap();
    assert_eq!((estate.tenant.as_str(), estate.entity.as_str()), ("main", "main"));
    assert_eq!((estate.hub.listen.to_string().as_str(), estate.hub.public), ("127.0.0.1:7700", false));
    assert_eq!((estate.hub.partitions, &estate.hub.api_token), (1, &None));
    assert_eq!(estate.hub.store, "sqlite");
    assert_eq!((estate.hub.limits.batch, estate.hub.limits.unnamed), (512, Span::hours(1)));

    let policy = &estate.policy;
    assert_eq!(policy.pools["main"].places, ["north", "south"]);
    assert_eq!(policy.pools["main"].publish_to, ["web"]);
    assert_eq!((policy.pool_of("web"), policy.pool_of_place("south")), ("main", Some("main")));
    assert!(policy.partial_release && policy.erp_first);
    assert_eq!((policy.capture, policy.refund_first), (CaptureRule::WhenComplete, RefundFirst::First));
    assert_eq!((policy.returns.place.as_str(), policy.returns.window_from), ("north", WindowFrom::Shipped));
    assert_eq!((policy.returns.window_days, policy.returns.withdrawal_refund_days), (30, 14));
    assert_eq!(policy.returns.least_days[&ReturnType::Defect], 730);
    assert_eq!(policy.returns.disposition[&Grade::B], Disposition::Restock);
    assert_eq!(policy.returns.disposition[&Grade::X], Disposition::Destroy);
    assert_eq!((policy.spans.refund, policy.spans.retries), (Span::days(10), 3));
    assert_eq!(policy.periods, Periods::default());
}

#[test]
fn a_store_is_sqlite_or_an_address_without_a_password() {
    let address = "postgres://hub@db/shop?schema=hub_1&password=file:secrets/store&sslmode=disable";
    let estate = read("e", &and(&format!("[hub]\nstore = \"{address}\"\n"))).unwrap();
    assert_eq!(estate.hub.store, address);
    let refused = read("e", &and("[hub]\nstore = \"sqlite3\"\n")).unwrap_err();
    assert!(refused[0].to_string().contains("33:9: hub.store: this is neither sqlite"), "{}", refused[0]);
}

#[test]
fn a_role_that_an_estate_may_do_without_is_there_only_where_it_is_played() {
    let roles = |text: &str| read("e", text).unwrap().roles().into_iter().collect::<Vec<_>>().join(" ");
    let needed = "erp oms payments returns storefront wms";
    assert_eq!(roles(SMALL), needed);
    assert_eq!(roles(&with("\"oms\"", "\"oms\", \"tax\"")), "erp oms payments returns storefront tax wms");
    let spare = Role::ALL.into_iter().filter(|role| role.optional()).map(Role::word);
    assert_eq!(
        spare.collect::<Vec<_>>().join(" "),
        "customers promotions tax fraud carrier notifications service"
    );
    let all = format!(
        "{SMALL}[[connection]]\nname = \"spare\"\nconnector = \"canonical\"\nurl = \"http://x.example\"\nplays = [\"fraud\", \"carrier\"]\n"
    );
    let estate = read("e", &all).unwrap();
    assert_eq!(estate.plays(Role::Carrier, "").unwrap().name, "spare");
    assert!(estate.plays(Role::Tax, "").is_none());
}

#[test]
fn connections_are_as_written() {
    let estate = read("e", &and("rate = 90\nbackoff = \"500ms\"\n")).unwrap();
    let back = estate.plays(Role::Returns, "").unwrap();
    assert_eq!((back.name.as_str(), back.url.as_deref()), ("back", Some("http://127.0.0.1:9000")));
    assert_eq!(estate.plays(Role::Wms, "south").unwrap().name, "south");
    assert!(estate.plays(Role::Wms, "east").is_none());
    assert_eq!(estate.places(), ["north", "south"]);
    let stripe = estate.connection("stripe").unwrap();
    assert_eq!(stripe.plays[0].to_string(), "payments:stripe");
    assert_eq!((stripe.limits.rate, stripe.limits.backoff), (Some(90), Some(Span::millis(500))));
    assert_eq!((stripe.limits.in_flight, stripe.limits.breaker), (None, None));
    assert_eq!(serde_json::to_string(&stripe.conf).unwrap(), r#"{"source":"web"}"#);
}

#[test]
fn what_is_written_holds_over_the_defaults() {
    let more = r#"
[policy]
capture = "per_shipment"
[policy.pools.uk]
places = ["south"]
publish_to = []
[policy.pools.eu]
places = ["north"]
safety = 2
[policy.channels]
web = "eu"
[policy.returns]
least_days = { withdrawal = 30 }
disposition = { C = "vendor_return" }
windows = { "home & garden" = 60 }
inspect_first = ["shoes", "shoes"]
[policy.periods]
east_minutes = 540
closed = [{ until = 2010-12-31, since = 2011-01-10 01:00:00+01:00 }]
"#
    .replace("[policy]\n", "[policy]\ndefault_pool = \"uk\"\n");
    let estate = read("e", &and(&more)).unwrap();
    let policy = &estate.policy;
    assert_eq!(policy.capture, CaptureRule::PerShipment);
    assert_eq!((policy.pool_of("web"), policy.pool_of("app")), ("eu", "uk"));
    assert!(policy.pools["uk"].publish_to.is_empty());
    assert_eq!(
        (policy.pools["eu"].publish_to.as_slice(), policy.pools["eu"].safety),
        (&["web".to_owned()][..], 2)
    );
    assert_eq!(policy.returns.place, "south", "the first place of the default pool");
    assert_eq!(policy.returns.least_days[&ReturnType::Withdrawal], 30);
    assert_eq!(policy.returns.least_days[&ReturnType::Warranty], 730, "the others stay");
    assert_eq!(policy.returns.disposition[&Grade::C], Disposition::VendorReturn);
    assert_eq!(policy.returns.disposition.len(), 4);
    assert_eq!(policy.returns.windows["home & garden"], 60);
    assert_eq!(policy.returns.inspect_first.len(), 1);
    let closing =
        Closing { until: "2010-12-31".to_owned(), since: Time::parse("2011-01-10T00:00:00Z").unwrap() };
    assert_eq!(policy.periods, Periods { east_minutes: 540, closed: vec![closing] });
}

#[test]
fn a_revision_is_the_text_s() {
    let (one, other) = (read("e", SMALL).unwrap(), read("f", &and("# a remark\n")).unwrap());
    assert_eq!(one.revision, Revision::of(SMALL));
    assert_ne!(one.revision, other.revision);
    // SHA-256 of nothing begins with e3b0c44298fc (FIPS 180-4).
    assert_eq!(Revision::of("").to_string(), "e3b0c44298fc");
}

#[test]
fn what_only_the_caller_finds_has_its_line_too() {
    let estate = read("estate.toml", SMALL).unwrap();
    let told = |path: &str| estate.fault(path, "wrong", "right").to_string();
    assert_eq!(
        told("connection[4].connector"),
        "estate.toml:27:13: connection[4].connector: wrong; try: right"
    );
    assert_eq!(
        told("connection[4].conf.currency"),
        "estate.toml:31:8: connection[4].conf.currency: wrong; try: right"
    );
}
