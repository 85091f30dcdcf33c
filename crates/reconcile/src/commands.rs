//! What commands make systems have, and what becomes of them.

use crate::books::{Books, Change, Ordered};
use crate::record::{Command, Data, Line, Promised, data};
use crate::thing::{Key, Standing, Thing};
use retail::envelope::Json;
use retail::listing::ListKind;
use retail::time::Time;

impl Books {
    pub(crate) fn ordered(&mut self, part: u16, at: Time, command: &Command) {
        let args = data(&command.args);
        let Some(change) = self.change(command, &args, at) else { return };
        if let Change::Counts(key, _) | Change::Captures(key) | Change::Ends(key) = &change
            && let Some(thing) = self.things.get_mut(key)
        {
            thing.pending += 1;
            thing.touch(at);
        }
        self.commands.insert((part, command.id), Ordered { system: command.system.clone(), change });
    }

    fn change(&mut self, command: &Command, args: &Data, at: Time) -> Option<Change> {
        let system = &command.system;
        let key = |kind: ListKind, reference: &str| (system.clone(), kind, reference.to_owned());
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let (id, order) = (text(&args.id), text(&args.order));
        match command.op.as_str() {
            "create_sales_order" => {
                self.know(&id, &args.lines);
                let key = key(ListKind::Orders, &id);
                let thing = Thing {
                    order: Some(id.clone()),
                    amount: args.total,
                    currency: args.currency.clone(),
                    ..self.counted(&[&id], &id, &args.lines, at)
                };
                self.make(key, thing, args.placed_at)
            }
            "amend_sales_order" => {
                self.know(&order, &args.add);
                let key = key(ListKind::Orders, &order);
                Some(Change::Counts(key, self.units(&order, &args.add, 1)))
            }
            "cancel_sales_order" | "report_cancellation" => {
                let key = key(ListKind::Orders, &order);
                Some(Change::Counts(key, self.units(&order, &args.lines, -1)))
            }
            "post_delivery" | "post_return_receipt" => {
                let delivery = command.op == "post_delivery";
                let kind = if delivery { ListKind::Deliveries } else { ListKind::ReturnReceipts };
                let thing = Thing {
                    order: args.order.clone(),
                    rma: args.rma.clone(),
                    place: args.place.clone(),
                    ..self.counted(&[&id], &order, &args.lines, at)
                };
                self.make(key(kind, &id), thing, args.shipped_at)
            }
            "post_invoice" => {
                let thing = Thing {
                    order: args.order.clone(),
                    amount: args.total,
                    currency: args.currency.clone(),
                    ..self.counted(&[&id], &order, &args.lines, at)
                };
                self.make(key(ListKind::Invoices, &id), thing, None)
            }
            "post_credit_memo" => {
                let reference = text(&args.reference);
                let thing = Thing {
                    order: args.order.clone(),
                    amount: args.total,
                    currency: args.currency.clone(),
                    ..Thing::about(&[&reference], at)
                };
                self.make(key(ListKind::CreditMemos, &reference), thing, None)
            }
            "reverse_credit_memo" => Some(Change::Ends(key(ListKind::CreditMemos, &text(&args.reference)))),
            "capture" => {
                let payment = text(&args.payment);
                self.payments.insert(payment.clone(), (system.clone(), args.currency.clone()));
                let key = key(ListKind::Captures, &payment);
                self.paid(&key, args.order.clone(), at);
                self.name(&key, &command.key);
                Some(Change::Captures(key))
            }
            "refund" => {
                let payment = text(&args.payment);
                self.payments.insert(payment, (system.clone(), args.currency.clone()));
                let thing = Thing {
                    order: args.order.clone(),
                    amount: args.amount,
                    currency: args.currency.clone(),
                    ..Thing::about(&[&command.key, args.credit.as_deref().unwrap_or_default()], at)
                };
                self.make(key(ListKind::Refunds, &command.key), thing, None)
            }
            "report_shipment" => {
                let lines: Vec<_> = args.parcels.iter().flat_map(|parcel| &parcel.lines).collect();
                let mut thing =
                    Thing { order: args.order.clone(), ..self.counted_of(&[&id], &order, &lines, at) };
                thing.tracking = args.parcels.iter().filter_map(|parcel| parcel.tracking.clone()).collect();
                self.make(key(ListKind::Shipments, &id), thing, args.shipped_at)
            }
            "buy_label" | "buy_return_label" => {
                let fulfilment = text(&args.fulfilment);
                // A return's label names its RMA; whichever way it goes, one thing is sent with one label.
                let back = command.op == "buy_return_label";
                let thing = Thing {
                    order: args.order.clone(),
                    rma: back.then(|| id.clone()),
                    ..Thing::about(&[&id, &fulfilment, &command.key], at)
                };
                self.make(key(ListKind::Labels, &id), thing, None)
            }
            "void_label" => self
                .called(system, ListKind::Labels, args.tracking.as_deref().unwrap_or_default())
                .map(Change::Ends),
            "publish_stock" => {
                // By place a storefront shows what is there, and in all what can be promised.
                let told = args.items.iter().flat_map(|item| {
                    let of = |place: &str, units| ((place.to_owned(), item.sku.clone()), units);
                    let by_place = item.places.iter().map(move |at| of(&at.place, at.on_hand));
                    by_place.chain([of("", item.available)]).collect::<Vec<_>>()
                });
                let items: Vec<_> = told.collect();
                self.shelf.showing(system, &items, at);
                Some(Change::Shows(items))
            }
            "create_fulfilment" | "dispose" => {
                let units = args.lines.iter().filter_map(|line| Some((line.sku.clone()?, line.quantity?)));
                self.shelf.moving(&id, &command.at, units.collect());
                Some(if command.op == "dispose" { Change::Lands(id) } else { Change::Leaves(id) })
            }
            "cancel_fulfilment" => Some(Change::Stays(id)),
            _ => None,
        }
    }

    /// Remembers what an order's lines are.
    pub(crate) fn know(&mut self, order: &str, lines: &[Line]) {
        for line in lines {
            let Some(sku) = line.sku.clone().filter(|sku| !sku.is_empty()) else { continue };
            self.lines.insert((order.to_owned(), line.line.clone()), (sku, line.is_goods()));
        }
    }

    fn units(&self, order: &str, lines: &[Line], sign: i64) -> Vec<(Option<String>, bool, i64)> {
        let of = |line: &Line| {
            let (sku, goods) = self.sku(order, &line.line);
            (line.sku.clone().or(sku), goods, sign * line.quantity.unwrap_or(0))
        };
        lines.iter().map(of).collect()
    }

    fn counted(&self, names: &[&str], order: &str, lines: &[Line], at: Time) -> Thing {
        self.counted_of(names, order, &lines.iter().collect::<Vec<_>>(), at)
    }

    fn counted_of(&self, names: &[&str], order: &str, lines: &[&Line], at: Time) -> Thing {
        let mut thing = Thing { units: (!lines.is_empty()).then_some(0), ..Thing::about(names, at) };
        for line in lines {
            let (sku, goods) = self.sku(order, &line.line);
            thing.count(line.sku.as_deref().or(sku.as_deref()), goods, line.quantity.unwrap_or(0));
        }
        thing
    }

    /// A thing that is ordered now, or once more after it was refused.
    fn make(&mut self, key: Key, made: Thing, business: Option<Time>) -> Option<Change> {
        let refused = self.things.get(&key).is_none_or(|thing| thing.standing == Standing::Refused);
        if refused {
            self.things.remove(&key);
        }
        let thing = self.thing(&key, || made);
        if let Some(at) = business {
            thing.began = Some(thing.began.map_or(at, |began| began.min(at)));
        }
        thing.pending += 1;
        Some(Change::Makes(key))
    }

    /// The captures of a payment, of which nothing was taken so far.
    pub(crate) fn paid(&mut self, key: &Key, order: Option<String>, at: Time) {
        let currency = self.payments.get(&key.2).and_then(|(_, currency)| currency.clone());
        let thing = self.thing(key, || Thing {
            amount: Some(0),
            standing: Standing::Told,
            ..Thing::about(&[&key.2], at)
        });
        thing.order = thing.order.take().or(order);
        thing.currency = thing.currency.take().or(currency);
    }

    pub(crate) fn outcome(&mut self, id: (u16, u64), outcome: &str, result: Option<&Json>, at: Time) {
        let done = match outcome {
            "done" => true,
            "refused" => false,
            // Accepted, unknown, fault: what it came to is still to be heard.
            _ => return,
        };
        let Some(Ordered { system, change }) = self.commands.remove(&id) else { return };
        let promised: Promised =
            result.and_then(|result| serde_json::from_str(result.get()).ok()).unwrap_or_default();
        if let Change::Makes(key) | Change::Counts(key, _) | Change::Ends(key) | Change::Captures(key) =
            &change
            && let Some(thing) = self.things.get_mut(key)
        {
            thing.pending = thing.pending.saturating_sub(1);
            if at.0 != i64::MIN {
                thing.touch(at);
            }
        }
        match change {
            Change::Makes(key) => {
                let own = promised.own().unwrap_or_default();
                self.name(&key, &own);
                if let Some(tracking) = promised.tracking.as_deref() {
                    self.name(&key, tracking);
                }
                if let Some(thing) = self.things.get_mut(&key) {
                    if key.1 == ListKind::Labels {
                        thing.tracking.extend(promised.tracking);
                    }
                    thing.standing = match (done, thing.standing) {
                        (_, ended @ Standing::Ended) => ended,
                        (true, _) => Standing::Done,
                        (false, Standing::UnderWay) => Standing::Refused,
                        (false, as_it_was) => as_it_was,
                    };
                }
            }
            Change::Counts(key, units) if done => {
                if let Some(thing) = self.things.get_mut(&key) {
                    for (sku, goods, quantity) in units {
                        thing.count(sku.as_deref(), goods, quantity);
                    }
                    // What it comes to now, the system works out by itself.
                    thing.amount = None;
                }
            }
            Change::Ends(key) if done => self.settle(&key, Standing::Ended, at),
            Change::Captures(key) => {
                let own = promised.own().unwrap_or_default();
                self.name(&key, &own);
            }
            Change::Shows(items) => self.shelf.shown(&system, items, done),
            Change::Leaves(id) if !done => self.shelf.stays(&id),
            Change::Lands(id) => self.shelf.stays(&id),
            Change::Stays(id) if done => self.shelf.stays(&id),
            Change::Counts(..) | Change::Ends(_) | Change::Leaves(_) | Change::Stays(_) => {}
        }
    }
}
