//! The filters that link adds to jq: money and ids, which no mapping should spell out for itself.

use jaq_core::native::{bome, v};
use jaq_core::{Bind, Error, RunPtr, ValR};
use jaq_json::{Num, Val};
use retail::money::{Currency, Money, UnitPrice};

use super::Data;

type Run = (&'static str, Box<[Bind]>, RunPtr<Data>);

/// `minor($currency)`: an amount as decimal text or number, to whole minor units, exactly.
/// `times($quantity; $currency)`: a unit price times a quantity, to minor units, rounded once half away
/// from zero. `id`: passes an id of the canonical contract, refuses anything else.
pub(super) fn all() -> [Run; 3] {
    [
        ("minor", v(1), |mut cv| {
            let currency = cv.0.pop_var();
            bome(minor(&cv.1, &currency))
        }),
        ("times", v(2), |mut cv| {
            let currency = cv.0.pop_var();
            let quantity = cv.0.pop_var();
            bome(times(&cv.1, &quantity, &currency))
        }),
        ("id", v(0), |cv| bome(id(cv.1))),
    ]
}

fn refuse(why: String) -> ValR<Val> {
    Err(Error::new(Val::from(why)))
}

fn money(minor: i64) -> ValR<Val> {
    match isize::try_from(minor) {
        Ok(minor) => Ok(Val::Num(Num::Int(minor))),
        Err(_) => refuse(format!("{minor} does not fit")),
    }
}

/// The digits of an amount as they were written.
fn digits(value: &Val) -> Option<String> {
    match value {
        Val::TStr(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        Val::Num(Num::Float(_)) => None,
        Val::Num(number) => Some(number.to_string()),
        _ => None,
    }
}

fn currency(value: &Val) -> Result<Currency, String> {
    let code = super::plain(value).unwrap_or_default();
    Currency::parse(&code).ok_or_else(|| format!("{value} is not a currency of three capital letters"))
}

fn minor(amount: &Val, code: &Val) -> ValR<Val> {
    let code = match currency(code) {
        Ok(code) => code,
        Err(why) => return refuse(why),
    };
    let parsed = digits(amount).and_then(|text| Money::parse(&text, code));
    match parsed {
        Some(amount) => money(amount.minor),
        None => {
            refuse(format!("{amount} is not an amount of {code} with at most {} decimals", code.decimals()))
        }
    }
}

fn times(price: &Val, quantity: &Val, code: &Val) -> ValR<Val> {
    let code = match currency(code) {
        Ok(code) => code,
        Err(why) => return refuse(why),
    };
    let Some(unit) = digits(price).and_then(|text| UnitPrice::parse(&text)) else {
        return refuse(format!("{price} is not a decimal price"));
    };
    let count = match quantity {
        Val::Num(Num::Int(n)) => i64::try_from(*n).ok(),
        _ => None,
    };
    let Some(count) = count else { return refuse(format!("{quantity} is not a whole quantity")) };
    match unit.times(count, code) {
        Some(amount) => money(amount.minor),
        None => refuse(format!("{count} times {price} {code} does not fit")),
    }
}

fn id(value: Val) -> ValR<Val> {
    let text = match &value {
        Val::TStr(bytes) => Some(bytes.as_ref().as_ref()),
        Val::Num(Num::Int(_) | Num::BigInt(_)) => return id(Val::from(value.to_string())),
        _ => None,
    };
    let fits = text.is_some_and(|text: &[u8]| {
        (1..=80).contains(&text.len())
            && text.iter().all(|c| c.is_ascii_alphanumeric() || b"._:-".contains(c))
    });
    if fits { Ok(value) } else { refuse(format!("{value} is not an id (1 to 80 of A-Z a-z 0-9 . _ : -)")) }
}
