//! The members of everything that is kept, frozen in `tests/golden/members.txt`: a member that goes or is renamed
//! without a new version fails here, and one that comes is to be written down. Compiled for tests only.

use crate::stored::Stored;
use crate::{difference, early, messages, order, pending, refund, returns, stock};
use serde::Deserialize;
use serde::de::value::Error;
use serde::de::{Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Asks a type what it is made of, by having it read nothing.
struct Ask<'a>(&'a mut String);

impl Ask<'_> {
    fn say<T>(self, what: &str) -> Result<T, Error> {
        self.0.push_str(what);
        Err(Error::custom("asked"))
    }
}

impl<'de> Deserializer<'de> for Ask<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.say(&fields.join(" "))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.say(&format!("one of {}", words.join(" ")))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, n: usize, _: V) -> Result<V::Value, Error> {
        self.say(&format!("{n} in a list"))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        n: usize,
        _: V,
    ) -> Result<V::Value, Error> {
        self.say(&format!("{n} in a list"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        self.say("anything")
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq map identifier ignored_any
    }
}

/// What a type is made of, and the version of what it is kept in.
fn shape<Owner: Stored, T: for<'de> Deserialize<'de>>(name: &str) -> (String, (u8, String)) {
    let mut members = String::new();
    assert!(T::deserialize(Ask(&mut members)).is_err());
    assert!(!members.is_empty(), "{name} says nothing of itself");
    (format!("{}, {name}", Owner::WHAT), (Owner::VERSION, members))
}

macro_rules! shapes {
    ($($owner:ty { $($name:literal $type:ty),+ })+) => {
        BTreeMap::from([$($(shape::<$owner, $type>($name)),+),+])
    };
}

fn now() -> BTreeMap<String, (u8, String)> {
    shapes! {
        order::state::Body {
            "itself" order::state::Body, "an early event" early::Early, "a pending command" pending::Pending,
            "counters" order::state::Counters, "units" order::state::Units, "erp" order::state::Erp,
            "a release" order::state::Release, "a release's state" order::state::ReleaseState,
            "a fulfilment" order::state::Fulfilment, "a fulfilment's state" order::state::FulfilmentState,
            "a shipment" order::state::Shipment, "a parcel" order::state::Parcel,
            "a cancellation" order::state::Cancellation, "a cancellation's state" order::state::CancellationState,
            "a tender's sums" order::state::TenderSums, "a credit" order::state::Credit,
            "a credit's part" order::state::CreditPart, "what was told" crate::tell::Told, "a credit's state" order::state::CreditState
        }
        order::doc::Doc { "itself" order::doc::Doc, "an address" order::doc::ShipTo, "what was shown" order::doc::Presentment,
            "a price" order::prices::Price, "how it is delivered" order::delivery::Deliver, "a line" order::doc::Line, "a tender" order::doc::Tender }
        returns::state::Body {
            "itself" returns::state::Body, "an order asked" returns::state::Asked, "an answer" returns::state::Answer,
            "a part" returns::state::Part, "counters" returns::state::Counters, "a disposal" returns::state::Disposal,
            "a request" returns::state::Request, "a request's state" returns::state::RequestState,
            "why it is closed" returns::state::Closed, "a warning" returns::state::Warning
        }
        returns::state::Doc { "itself" returns::state::Doc, "a line" returns::state::Line }
        difference::State { "itself" difference::State, "the standing" difference::Standing }
        refund::state::Body { "itself" refund::state::Body, "the phase" refund::state::Phase }
        messages::Open { "itself" messages::Open, "a line" messages::OpenLine }
        stock::State { "itself" stock::State }
        stock::state::Position { "itself" stock::state::Position }
        stock::state::OrderRow { "itself" stock::state::OrderRow }
    }
}

fn line(name: &str, (version, members): &(u8, String)) -> String {
    format!("{name}, version {version}: {members}\n")
}

/// Whether everything is still there that was. A member that is new may be left out: every state that was recorded
/// without it must read (`tests/flows/stored.rs`).
fn grown(was: &str, now: &str) -> bool {
    let of = |line: &str| {
        let members = line.rsplit(": ").next().unwrap_or_default();
        members.split(' ').map(str::to_owned).collect::<Vec<_>>()
    };
    let count = |words: &[String]| words.first().and_then(|n| n.parse::<u32>().ok());
    let (was, now) = (of(was), of(now));
    match (count(&was), count(&now)) {
        (Some(was), Some(now)) => was <= now,
        _ => was.iter().all(|member| now.contains(member)),
    }
}

#[test]
fn nothing_kept_changes_its_members_without_a_new_version() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/members.txt");
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let mut text = String::new();
    let mut wrong = String::new();
    for (name, shape) in &now() {
        let now = line(name, shape);
        text.push_str(&now);
        let same = format!("{name}, version {}: ", shape.0);
        if let Some(was) = kept.lines().find(|l| l.starts_with(&same)).filter(|l| !grown(l, now.trim_end())) {
            writeln!(wrong, "  was {was}\n  now {now}").unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "these are kept, and have lost members under the same version:\n{wrong}Raise the VERSION of what they are kept in, and \
         append to its UPGRADES what makes the new version out of the one before (`|_| Ok(())` where every new member may \
         be left out); then UPDATE=1 cargo test -p flows"
    );
    if text != kept {
        assert!(
            std::env::var_os("UPDATE").is_some_and(|v| v == "1"),
            "tests/golden/members.txt does not have all that is kept. What is new may be left out, or it is a new version: \
             then UPDATE=1 cargo test -p flows"
        );
        std::fs::write(file, text).unwrap();
    }
}

/// Mail may lie in the store while the program is replaced: what an older one wrote must read, and be written alike
/// as far as it goes.
#[test]
fn mail_of_every_version_reads() {
    use crate::reference::PROCESSES;
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use std::collections::BTreeSet;

    fn same<T: DeserializeOwned + Serialize>(data: &serde_json::Value) {
        let read: T = serde_json::from_value(data.clone()).unwrap_or_else(|e| {
            panic!("mail {data} no longer reads: {e}. A member that is new may be left out")
        });
        let now = serde_json::to_value(&read).unwrap();
        assert!(holds(&now, data), "{data} was sent, and now it is {now}");
    }
    /// Whether all that was said is still said; there may be more.
    fn holds(now: &serde_json::Value, was: &serde_json::Value) -> bool {
        use serde_json::Value::{Array, Object};
        match (now, was) {
            (Object(now), Object(was)) => was.iter().all(|(k, v)| now.get(k).is_some_and(|n| holds(n, v))),
            (Array(now), Array(was)) => {
                now.len() == was.len() && now.iter().zip(was).all(|(n, w)| holds(n, w))
            }
            _ => now == was,
        }
    }
    #[derive(Deserialize)]
    struct Mail {
        kind: String,
        data: serde_json::Value,
    }
    let mut kinds = BTreeSet::new();
    for line in include_str!("../tests/golden/mail.v1.jsonl").lines() {
        let mail: Mail = serde_json::from_str(line).unwrap();
        match mail.kind.as_str() {
            "return.check" => same::<messages::Check>(&mail.data),
            "return.checked" => same::<messages::Checked>(&mail.data),
            "credit.request" => same::<messages::Request>(&mail.data),
            "return.release" => same::<messages::Release>(&mail.data),
            "credit.granted" => same::<messages::Granted>(&mail.data),
            "credit.settled" | "credit.failed" => same::<messages::Verdict>(&mail.data),
            "refund.open" => same::<messages::Open>(&mail.data),
            "refund.settled" => same::<messages::Settled>(&mail.data),
            "refund.failed" => same::<messages::Failed>(&mail.data),
            "stock.reserve" => same::<stock::messages::Reserve>(&mail.data),
            "stock.reserved" => same::<stock::messages::Reserved>(&mail.data),
            "stock.supplied" => same::<stock::messages::Supplied>(&mail.data),
            "stock.ship" => same::<stock::messages::Ship>(&mail.data),
            "stock.release" => same::<stock::messages::Release>(&mail.data),
            "stock.missing" => same::<stock::messages::Missing>(&mail.data),
            "stock.shelf_touched" => same::<stock::messages::ShelfTouched>(&mail.data),
            "stock.returned" => same::<stock::messages::Returned>(&mail.data),
            "exchange.open" => same::<messages::ExchangeOpen>(&mail.data),
            "exchange.funded" => same::<messages::ExchangeFunded>(&mail.data),
            "refund.onward" => same::<messages::Onward>(&mail.data),
            "stock.reserve_more" => same::<stock::more::ReserveMore>(&mail.data),
            "stock.promised" => same::<stock::messages::Promised>(&mail.data),
            "stock.withdrawn" => same::<stock::messages::Withdrawn>(&mail.data),
            "stock.given_up" => same::<stock::messages::GivenUp>(&mail.data),
            other => panic!("{other} has no type here"),
        }
        kinds.insert(mail.kind);
    }
    // These say nothing, or are shaped as events, whose schemas are kept.
    kinds.extend(
        ["exchange.unfunded", "return.open", "return.received", "return.inspected"].map(str::to_owned),
    );
    let listed: BTreeSet<String> =
        PROCESSES.iter().flat_map(|p| p.mail.iter().map(|m| m.0.to_owned())).collect();
    assert_eq!(kinds, listed, "every kind of mail has a line in tests/golden/mail.v1.jsonl");
}
