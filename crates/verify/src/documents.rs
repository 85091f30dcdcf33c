//! Documents with two sides: what the hub ordered or was told, and what the system itself says that it did.
//! Each must be there on both sides, as often and with the same contents.

use crate::names::{Id, Texts, print};
use crate::report::Findings;
use crate::rules::{self, Rule};
use std::collections::{BTreeSet, HashMap};

/// A role with a ledger.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Role {
    Storefront,
    Payments,
    Erp,
    Oms,
    Wms,
    Returns,
    Customers,
    Promotions,
    Tax,
    Fraud,
    Carrier,
    Notifications,
    Service,
}

impl Role {
    /// By the contract's name of the role.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "storefront" => Self::Storefront,
            "payments" => Self::Payments,
            "erp" => Self::Erp,
            "oms" => Self::Oms,
            "wms" => Self::Wms,
            "returns" => Self::Returns,
            "customers" => Self::Customers,
            "promotions" => Self::Promotions,
            "tax" => Self::Tax,
            "fraud" => Self::Fraud,
            "carrier" => Self::Carrier,
            "notifications" => Self::Notifications,
            "service" => Self::Service,
            _ => return None,
        })
    }

    pub const fn text(self) -> &'static str {
        match self {
            Self::Storefront => "storefront",
            Self::Payments => "payments",
            Self::Erp => "erp",
            Self::Oms => "oms",
            Self::Wms => "wms",
            Self::Returns => "returns",
            Self::Customers => "customers",
            Self::Promotions => "promotions",
            Self::Tax => "tax",
            Self::Fraud => "fraud",
            Self::Carrier => "carrier",
            Self::Notifications => "notifications",
            Self::Service => "service",
        }
    }
}

/// Who knows of it first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    /// The hub orders it: the system can have none that was not ordered.
    Command,
    /// The system reports it: the hub may not have heard yet.
    Event,
}

/// What can be compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// One ledger row each: how often, and units where both sides say them.
    Whole { units: bool, money: bool },
    /// One ledger row a line: units per SKU (and disposition).
    Lines,
    /// May stand there more often than it was ordered, since saying it again is harmless.
    Repeats,
}

/// A kind of document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Spec {
    /// The kind of its ledger rows.
    pub kind: &'static str,
    pub role: Role,
    pub origin: Origin,
    pub shape: Shape,
    pub rule: Rule,
}

macro_rules! kinds {
    ($($name:ident $kind:literal $role:ident $origin:ident $shape:expr, $rule:ident;)+) => {
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub(crate) enum Kind { $($name),+ }
        impl Kind {
            pub const fn spec(self) -> Spec {
                match self {
                    $(Self::$name => Spec {
                        kind: $kind, role: Role::$role, origin: Origin::$origin, shape: $shape, rule: rules::$rule,
                    }),+
                }
            }
            /// By role and kind of a ledger row.
            pub fn of(role: Role, kind: &str) -> Option<Self> {
                match (role, kind) {
                    $((Role::$role, $kind) => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

const PLAIN: Shape = Shape::Whole { units: false, money: false };
const UNITS: Shape = Shape::Whole { units: true, money: false };
const VALUE: Shape = Shape::Whole { units: true, money: true };
const MONEY: Shape = Shape::Whole { units: false, money: true };

kinds! {
    OrderPlaced "order_placed" Storefront Event VALUE, ORDER_RECEIVED;
    CancelRequested "cancel_requested" Storefront Event PLAIN, ORDER_RECEIVED;
    ShipmentReported "shipment_reported" Storefront Command UNITS, SHOP_TOLD;
    CancellationReported "cancellation_reported" Storefront Command UNITS, SHOP_TOLD;
    RefundReported "refund_reported" Storefront Command VALUE, SHOP_TOLD;
    StockPublished "stock_published" Storefront Command Shape::Repeats, STOCK_PUBLISHED;
    Captured "captured" Payments Command MONEY, PAYMENT_CAPTURED;
    Voided "voided" Payments Command PLAIN, PAYMENT_CAPTURED;
    Refund "refunded" Payments Command MONEY, PAYMENT_REFUNDED;
    Issued "issued" Payments Command MONEY, PAYMENT_REFUNDED;
    SalesOrder "sales_order" Erp Command VALUE, ERP_SALES_ORDER;
    SalesOrderCancelled "sales_order_cancelled" Erp Command UNITS, ERP_SALES_ORDER;
    Delivery "delivery" Erp Command Shape::Lines, ERP_DELIVERY;
    Invoice "invoice" Erp Command VALUE, ERP_INVOICE;
    ReturnOrder "return_order" Erp Command UNITS, ERP_RETURN;
    ReturnReceipt "return_receipt" Erp Command Shape::Lines, ERP_RETURN;
    CreditMemo "credit_memo" Erp Command VALUE, ERP_CREDIT_MEMO;
    Release "release" Oms Command UNITS, OMS_RELEASE;
    ReleaseCancelled "release_cancelled" Oms Command PLAIN, OMS_RELEASE;
    Allocation "allocation" Oms Event Shape::Lines, OMS_RELEASE;
    AllocationShort "allocation_short" Oms Event Shape::Lines, OMS_RELEASE;
    Fulfilment "fulfilment" Wms Command UNITS, WMS_FULFILMENT;
    FulfilmentCancelled "fulfilment_cancelled" Wms Command PLAIN, WMS_FULFILMENT;
    Shipment "shipment" Wms Event Shape::Lines, WMS_SHIPMENT;
    Short "short" Wms Event Shape::Lines, WMS_STOCK;
    Opening "opening" Wms Event Shape::Lines, WMS_STOCK;
    StockReceived "stock_received" Wms Event Shape::Lines, WMS_STOCK;
    Adjustment "adjustment" Wms Event Shape::Lines, WMS_STOCK;
    ExpectedReturn "expected_return" Wms Command UNITS, WMS_RETURN;
    ReturnReceived "return_received" Wms Event Shape::Lines, WMS_RETURN;
    Disposition "disposition" Wms Command Shape::Lines, WMS_RETURN;
    ReturnRequested "return_requested" Returns Event UNITS, RETURN_KNOWN;
    Approved "approved" Returns Command UNITS, RETURN_KNOWN;
    Declined "declined" Returns Command UNITS, RETURN_KNOWN;
    Received "received" Returns Command UNITS, RETURN_KNOWN;
    Rejected "rejected" Returns Command UNITS, RETURN_KNOWN;
    Refunded "refunded" Returns Command UNITS, RETURN_KNOWN;
    Completed "completed" Returns Command UNITS, RETURN_KNOWN;
    Message "message" Notifications Command PLAIN, MESSAGE_ONCE;
    CaseOpened "case_opened" Service Command PLAIN, SERVICE_NOTED;
    CaseClosed "case_closed" Service Command PLAIN, SERVICE_NOTED;
    TaxCommitted "tax_committed" Tax Command MONEY, TAX_FILED;
    TaxRefunded "tax_refunded" Tax Command MONEY, TAX_FILED;
    Label "label" Carrier Command PLAIN, CARRIER_LABEL;
    ReturnLabel "return_label" Carrier Command PLAIN, CARRIER_LABEL;
    LabelVoided "label_voided" Carrier Command PLAIN, CARRIER_LABEL;
    SalesOrderAmended "sales_order_amended" Erp Command PLAIN, ERP_SALES_ORDER;
    CreditMemoReversed "credit_memo_reversed" Erp Command MONEY, ERP_CREDIT_MEMO;
    FulfilmentAmended "fulfilment_amended" Wms Command PLAIN, WMS_FULFILMENT;
    ReadyReported "ready_reported" Storefront Command PLAIN, SHOP_TOLD;
}

/// Contents of one side, summed over its rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Side {
    pub times: i64,
    pub units: i64,
    /// Minor units.
    pub amount: i64,
    /// Units per SKU and disposition as one number: the same units in other rows give the same.
    pub print: u64,
}

impl Side {
    /// A document as a whole.
    pub const fn whole(units: i64, amount: i64) -> Self {
        Self { times: 1, units, amount, print: 0 }
    }

    /// Adds a line of it.
    pub fn line(&mut self, sku: &str, detail: &str, units: i64) {
        self.units = self.units.saturating_add(units);
        self.print = self.print.wrapping_add(print(&(sku, detail)).wrapping_mul(units.cast_unsigned()));
    }

    pub const fn add(&mut self, other: Self) {
        self.times += other.times;
        self.units = self.units.saturating_add(other.units);
        self.amount = self.amount.saturating_add(other.amount);
        self.print = self.print.wrapping_add(other.print);
    }

    fn plus(mut self, others: &[Self]) -> Self {
        others.iter().for_each(|other| self.add(*other));
        self
    }

    const fn less(mut self, other: Self) -> Self {
        self.times -= other.times;
        self.units = self.units.saturating_sub(other.units);
        self.amount = self.amount.saturating_sub(other.amount);
        self.print = self.print.wrapping_sub(other.print);
        self
    }

    const fn is_nothing(&self) -> bool {
        self.times == 0 && self.units == 0 && self.amount == 0 && self.print == 0
    }

    /// Whether both say the same, as far as documents of that shape can be compared.
    fn agrees(&self, other: &Self, shape: Shape) -> bool {
        match shape {
            Shape::Whole { units, money } => {
                self.times == other.times
                    && (!units || self.units == other.units)
                    && (!money || self.amount == other.amount)
            }
            Shape::Lines => self.units == other.units && self.print == other.print,
            Shape::Repeats => (self.times > 0) == (other.times > 0),
        }
    }

    fn said(&self, shape: Shape) -> String {
        if self.is_nothing() {
            return "nothing".to_owned();
        }
        match shape {
            Shape::Whole { units: true, money: true } => {
                format!("{} time(s), {} units, amount {}", self.times, self.units, self.amount)
            }
            Shape::Whole { units: true, money: false } => {
                format!("{} time(s), {} units", self.times, self.units)
            }
            Shape::Whole { units: false, money: true } => {
                format!("{} time(s), amount {}", self.times, self.amount)
            }
            Shape::Whole { .. } | Shape::Repeats => format!("{} time(s)", self.times),
            Shape::Lines => format!("{} units [{:04x}]", self.units, self.print & 0xffff),
        }
    }
}

/// How far a command has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Came {
    Done,
    Open,
    Refused,
}

#[derive(Clone, Debug, Default)]
struct Doc {
    /// All that was ever ordered of it, whatever came of it.
    asked: Side,
    hub: Side,
    /// What was ordered of it and has no outcome yet: the system may have done any of them.
    open: Vec<Side>,
    refused: u32,
    parked: bool,
    system: Side,
}

/// Whether what a system says is what the hub knows and some of what is under way. Nobody has more than a few commands
/// under way for one document; beyond `MOST` the last are taken as done together.
fn some_of(open: &[Side], known: Side, system: &Side, shape: Shape) -> bool {
    const MOST: usize = 12;
    let (each, together) = open.split_at(open.len().min(MOST));
    let mut sums = vec![known];
    if !together.is_empty() {
        sums.push(known.plus(together));
    }
    for side in each {
        let with: Vec<Side> = sums.iter().map(|sum| sum.plus(&[*side])).collect();
        sums.extend(with);
    }
    sums.iter().any(|sum| system.agrees(sum, shape))
}

/// All documents.
#[derive(Clone, Debug, Default)]
pub(crate) struct Documents {
    all: HashMap<(Kind, Id), Doc>,
    /// Roles whose ledger was given.
    given: BTreeSet<Role>,
}

impl Documents {
    pub fn give(&mut self, role: Role) {
        self.given.insert(role);
    }

    pub fn given(&self, role: Role) -> bool {
        self.given.contains(&role)
    }

    pub fn any_given(&self) -> bool {
        !self.given.is_empty()
    }

    /// The hub was told of it.
    pub fn told(&mut self, kind: Kind, key: Id, side: Side) {
        self.all.entry((kind, key)).or_default().hub.add(side);
    }

    /// The hub was told that it is undone, such as a refund that failed after all.
    pub fn untold(&mut self, kind: Kind, key: Id, side: Side) {
        let doc = self.all.entry((kind, key)).or_default();
        doc.hub = doc.hub.less(side);
    }

    /// The hub was told of it and could not take it in: a person sees it.
    pub fn parked(&mut self, kind: Kind, key: Id) {
        self.all.entry((kind, key)).or_default().parked = true;
    }

    /// The hub ordered it.
    pub fn ordered(&mut self, kind: Kind, key: Id, side: Side, came: Came) {
        let doc = self.all.entry((kind, key)).or_default();
        match came {
            Came::Done => doc.hub.add(side),
            Came::Open => doc.open.push(side),
            Came::Refused => doc.refused += 1,
        }
    }

    /// The hub ordered it; what comes of it is not known yet.
    pub fn asked(&mut self, kind: Kind, key: Id, side: Side) {
        self.all.entry((kind, key)).or_default().asked.add(side);
    }

    /// The system's ledger has a row of it.
    pub fn ledger(&mut self, kind: Kind, key: Id, side: Side) {
        self.all.entry((kind, key)).or_default().system.add(side);
    }

    /// What a system has done of a document beyond all that was ever ordered of it: never, at any moment. A payment
    /// may be captured or refunded by others too, which is judged at the end.
    pub fn beyond(&self, kind: Kind, key: Id) -> Option<(String, String)> {
        let (spec, doc) = (kind.spec(), self.all.get(&(kind, key))?);
        let others = matches!(kind, Kind::Captured | Kind::Refund | Kind::Voided) && doc.asked.is_nothing();
        let exceeds = match spec.shape {
            Shape::Whole { units, money } => {
                doc.system.times > doc.asked.times
                    || units && doc.system.units > doc.asked.units
                    || money && doc.system.amount > doc.asked.amount
            }
            Shape::Lines => doc.system.units > doc.asked.units,
            Shape::Repeats => doc.asked.times == 0,
        };
        (spec.origin == Origin::Command && exceeds && !others)
            .then(|| (doc.asked.said(spec.shape), doc.system.said(spec.shape)))
    }

    /// The system's ledger has a row that undoes it.
    pub fn ledger_undone(&mut self, kind: Kind, key: Id, side: Side) {
        let doc = self.all.entry((kind, key)).or_default();
        doc.system = doc.system.less(side);
    }

    /// What the hub knows of it, ordered or told.
    pub fn hub_side(&self, kind: Kind, key: Id) -> Side {
        self.all.get(&(kind, key)).map(|d| d.hub).unwrap_or_default()
    }

    /// What the system says of it.
    pub fn system_side(&self, kind: Kind, key: Id) -> Side {
        self.all.get(&(kind, key)).map(|d| d.system).unwrap_or_default()
    }

    /// Compares all documents of roles whose ledger was given.
    pub fn check(&self, texts: &Texts, systems_at_rest: bool, findings: &mut Findings) {
        for ((kind, key), doc) in &self.all {
            let spec = kind.spec();
            if !doc.open.is_empty() {
                findings.waits("documents_under_way", 1);
            }
            if doc.parked && doc.hub.is_nothing() {
                findings.with_people("documents", 1);
            }
            if !self.given.contains(&spec.role) {
                continue;
            }
            findings.checked(spec.rule, 1);
            if *kind == Kind::Refund {
                findings.checked(rules::PAYMENT_UNKNOWN, 1);
            }
            if some_of(&doc.open, doc.hub, &doc.system, spec.shape) {
                continue;
            }
            let unknown = doc.hub.is_nothing() && doc.open.is_empty();
            if unknown && doc.parked {
                continue;
            }
            // Some refunds are made by others, and their report may be on its way like any other.
            let reported = spec.origin == Origin::Event || *kind == Kind::Refund;
            if unknown && reported && !systems_at_rest {
                findings.waits("reports_under_way", 1);
                continue;
            }
            let rule = if unknown && *kind == Kind::Refund { rules::PAYMENT_UNKNOWN } else { spec.rule };
            let mut expected = doc.hub.said(spec.shape);
            if !doc.open.is_empty() {
                let open = Side::default().plus(&doc.open);
                expected.push_str(&format!(" (and {} under way)", open.said(spec.shape)));
            }
            if doc.refused > 0 {
                expected.push_str(&format!(" ({} time(s) refused)", doc.refused));
            }
            findings.breach(
                rule,
                format!("{} {}", spec.kind, texts.text(*key)),
                expected,
                doc.system.said(spec.shape),
                format!("ledger of {}", spec.role.text()),
            );
        }
        if !self.given.is_empty() {
            let mut roles: BTreeSet<Role> = BTreeSet::new();
            for ((kind, _), doc) in &self.all {
                if doc.hub.times != 0 || !doc.open.is_empty() {
                    roles.insert(kind.spec().role);
                }
            }
            for role in roles {
                findings.checked(rules::LEDGER_MISSING, 1);
                if !self.given.contains(&role) {
                    findings.breach(
                        rules::LEDGER_MISSING,
                        role.text(),
                        "its ledger",
                        "none",
                        "the ledgers given to verify",
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNITS: Shape = Shape::Whole { units: true, money: false };

    #[test]
    fn a_system_may_have_done_any_of_what_is_under_way() {
        let sides = [Side::whole(1, 0), Side::whole(3, 0)];
        let known = Side::whole(5, 0);
        let system = |done: &[usize]| {
            let mut sum = known;
            done.iter().for_each(|at| sum.add(sides[*at]));
            sum
        };
        for done in [&[][..], &[0], &[1], &[0, 1]] {
            assert!(some_of(&sides, known, &system(done), UNITS), "{done:?}");
        }
        for wrong in [&[0, 0][..], &[1, 1], &[0, 0, 1]] {
            assert!(!some_of(&sides, known, &system(wrong), UNITS), "{wrong:?}");
        }
        assert!(!some_of(&[], known, &system(&[0]), UNITS));
    }
}
