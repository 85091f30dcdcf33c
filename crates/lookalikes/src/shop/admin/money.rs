//! Transactions of orders that the shop itself collected: authorised with the order, captured once, or let go.

use super::{Done, Transaction, Wrong, gid, number_in};
use crate::base::decimal::{Decimal, Major, decimals};
use crate::base::http::Moment;
use crate::base::ledger::{Head, Kind};
use crate::shop::Shop;
use serde_json::{Value, json};

impl Shop {
    /// An order's payment is authorised at the shop's own gateway.
    pub(crate) fn collect(&mut self, at: Moment, order: u32, amount: i64) {
        let id = self.admin.number();
        let made = Transaction { id, kind: "AUTHORIZATION", amount, parent: None };
        self.admin.lives.entry(order).or_default().transactions.push(made);
        self.book_money(at, order, Kind::Authorised, "", amount);
    }

    pub(super) fn currency_of(&self, order: u32) -> &str {
        self.orders.get(order as usize).map_or("", |o| self.names.text(o.currency))
    }

    pub(super) fn shown_transaction(&self, order: u32, t: &Transaction) -> Value {
        let currency = self.currency_of(order);
        let amount = Major { minor: t.amount, decimals: decimals(currency) }.to_string();
        let shop = json!({"amount": amount, "currencyCode": currency});
        let parent = t.parent.map(|id| json!({"id": gid("OrderTransaction", id)}));
        json!({"id": gid("OrderTransaction", t.id), "kind": t.kind, "status": "SUCCESS", "gateway": "shopify_payments",
            "authorizationExpiresAt": null, "parentTransaction": parent,
            "amountSet": {"shopMoney": shop, "presentmentMoney": {"currencyCode": currency}}})
    }

    pub(super) fn shown_transactions(&self, order: u32) -> Vec<Value> {
        let all = self.admin.lives.get(&order).map_or(&[][..], |l| &l.transactions);
        all.iter().map(|t| self.shown_transaction(order, t)).collect()
    }

    pub(super) fn transactions(&self, v: &Value) -> Done {
        let order = self.order_at(&v["order"])?;
        Ok(json!({"order": order.map(|o| json!({"transactions": self.shown_transactions(o)}))}))
    }

    /// The order and the amount of an authorisation that nothing was done with.
    fn open(&self, id: &Value) -> Result<(u32, u64, i64), Wrong> {
        let number = number_in(id, "OrderTransaction")?;
        let (order, life) =
            self.admin.lives.iter().find(|(_, l)| l.transactions.iter().any(|t| t.id == number)).ok_or_else(
                || Wrong::User("TRANSACTION_NOT_FOUND", "Transaction does not exist".to_owned()),
            )?;
        let all = &life.transactions;
        let amount = all.iter().find(|t| t.id == number && t.kind == "AUTHORIZATION").map(|t| t.amount);
        match amount {
            Some(amount) if all.iter().all(|t| t.parent != Some(number)) => Ok((*order, number, amount)),
            _ => Err(Wrong::User("AUTH_NOT_VOIDABLE", "The authorization was captured or voided".to_owned())),
        }
    }

    pub(super) fn minor(&self, order: u32, amount: &Value) -> Result<i64, Wrong> {
        let text = amount.as_str().unwrap_or_default();
        let places = decimals(self.currency_of(order));
        let exact = text.split_once('.').map_or(0, |(_, d)| d.len()) == places as usize;
        let minor =
            Decimal::parse(text).filter(|_| exact).and_then(|d| d.times(1, places)).filter(|n| *n > 0);
        minor.ok_or_else(|| Wrong::User("INVALID", format!("Amount {text} is invalid")))
    }

    pub(super) fn capture(&mut self, at: Moment, v: &Value) -> Done {
        let wish = &v["input"];
        let (order, parent, open) = self.open(&wish["parentTransactionId"])?;
        let amount = self.minor(order, &wish["amount"])?;
        if self.known_order(&wish["id"])? != order || wish["currency"] != self.currency_of(order) {
            return Err(Wrong::User("INVALID", "the transaction is of another order or currency".to_owned()));
        }
        if amount > open {
            return Err(Wrong::User("INVALID", "Amount is greater than the authorized amount".to_owned()));
        }
        let told = self.transact(order, "CAPTURE", amount, parent);
        self.book_money(at, order, Kind::Captured, "", amount);
        Ok(json!({"orderCapture": {"transaction": told, "userErrors": []}}))
    }

    pub(super) fn void(&mut self, at: Moment, v: &Value) -> Done {
        let (order, parent, amount) = self.open(&v["parent"])?;
        let told = self.transact(order, "VOID", amount, parent);
        self.book_money(at, order, Kind::Voided, "", amount);
        Ok(json!({"transactionVoid": {"transaction": told, "userErrors": []}}))
    }

    pub(super) fn transact(&mut self, order: u32, kind: &'static str, amount: i64, parent: u64) -> Value {
        let made = Transaction { id: self.admin.number(), kind, amount, parent: Some(parent) };
        let told = self.shown_transaction(order, &made);
        self.admin.lives.entry(order).or_default().transactions.push(made);
        told
    }

    /// A row about money; without a reference it goes under the order. The id is the payment's, as the hub has it.
    pub(super) fn book_money(&mut self, at: Moment, order: u32, kind: Kind, reference: &str, amount: i64) {
        let Some(placed) = self.orders.get(order as usize) else { return };
        let (hub, payment) = (self.hub_id(&placed.source_id), format!("shopify-{}", placed.source_id));
        let reference = if reference.is_empty() { &hub } else { reference };
        let head = Head {
            reference,
            order: &hub,
            id: &payment,
            currency: self.names.text(placed.currency),
            amount: Some(amount),
            at: at.business,
            ..Head::default()
        };
        self.desk.ledger.document(&head).whole(kind, None);
    }
}
