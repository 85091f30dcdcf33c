//! The filters that link adds to jq: members that must be there, lists, money and ids. Each names the
//! member that it could not read, and works out the name only then. They are written here and not in jq
//! because every line of every order goes through them.

use super::{Data, told};
use jaq_core::compile::TermId;
use jaq_core::native::{bome, v};
use jaq_core::{Bind, Ctx, Cv, Error, Exn, RunPtr, ValR, ValX};
use jaq_json::{Num, Val};
use retail::money::{Currency, Money, UnitPrice};

type Run = (&'static str, Box<[Bind]>, RunPtr<Data>);

/// A filter given as an argument, with the context it closes over.
type Closure<'a> = (TermId, Ctx<'a, Data>);

/// - `need(f)`: the value at a path, which must be there and not null.
/// - `at(f; g)`: runs g on that value; an error of g names the path.
/// - `each(f; g)`: each item of the list at a path (none where it is missing or null) through g, as a
///   list; an error of g names the item.
/// - `sum(f; g)`: what g makes of each item, added up; whole numbers only, 0 for none.
/// - `entry(f; $name)`: the value of the first `{name: $name, value: …}` in the list at a path, else null.
/// - `minor($currency)`, `minor(f; $currency)`: an amount as decimal text or number, to whole minor units,
///   exactly.
/// - `major($currency)`: whole minor units as decimal text, the other way round.
/// - `times($quantity; $currency)`: a unit price times a quantity, to minor units, rounded once half away
///   from zero.
/// - `mapped($name; f)`: what the value map of this name makes of the value at a path: its entry, the same in lower
///   case, else that of `*`; refuses a value for which there is none.
/// - `id`, `id(f)`: passes an id of the canonical contract, as text; refuses anything else.
pub(super) fn all() -> [Run; 12] {
    let f = || -> Box<[Bind]> { [Bind::Fun(())].into() };
    let ff = || -> Box<[Bind]> { [Bind::Fun(()), Bind::Fun(())].into() };
    let fv = || -> Box<[Bind]> { [Bind::Fun(()), Bind::Var(())].into() };
    [
        ("need", f(), |mut cv| {
            let f = cv.0.pop_fun();
            Box::new(std::iter::once(need(&f, &cv.1)))
        }),
        ("at", ff(), |mut cv| {
            let g = cv.0.pop_fun();
            let f = cv.0.pop_fun();
            Box::new(std::iter::once(need(&f, &cv.1).and_then(|value| {
                let out = g.0.run((g.1.clone(), value)).next().unwrap_or(Ok(Val::Null));
                out.map_err(|wrong| within(wrong, &f, &cv.1, None))
            })))
        }),
        ("each", ff(), |mut cv| {
            let g = cv.0.pop_fun();
            let f = cv.0.pop_fun();
            Box::new(std::iter::once(each(&f, &g, &cv.1)))
        }),
        ("sum", ff(), |mut cv| {
            let g = cv.0.pop_fun();
            let f = cv.0.pop_fun();
            Box::new(std::iter::once(sum(&f, &g, &cv.1)))
        }),
        ("entry", fv(), |mut cv| {
            let name = cv.0.pop_var();
            let f = cv.0.pop_fun();
            let list = f.0.run((f.1, cv.1)).next().unwrap_or(Ok(Val::Null));
            Box::new(std::iter::once(list.map(|list| entry(&list, &name))))
        }),
        ("minor", v(1), |mut cv| {
            let currency = cv.0.pop_var();
            bome(minor(&cv.1, &currency))
        }),
        ("minor", fv(), |mut cv| {
            let currency = cv.0.pop_var();
            let f = cv.0.pop_fun();
            Box::new(std::iter::once(checked(&f, &cv, |value| minor(&value, &currency))))
        }),
        ("major", v(1), |mut cv| {
            let currency = cv.0.pop_var();
            bome(major(&cv.1, &currency))
        }),
        ("times", v(2), |mut cv| {
            let currency = cv.0.pop_var();
            let quantity = cv.0.pop_var();
            bome(times(&cv.1, &quantity, &currency))
        }),
        ("mapped", [Bind::Var(()), Bind::Var(()), Bind::Fun(())].into(), |mut cv| {
            let f = cv.0.pop_fun();
            let name = cv.0.pop_var();
            let map = cv.0.pop_var();
            Box::new(std::iter::once(checked(&f, &cv, |value| mapped(&map, &name, &value))))
        }),
        ("id", v(0), |cv| bome(id(cv.1))),
        ("id", f(), |mut cv| {
            let f = cv.0.pop_fun();
            Box::new(std::iter::once(checked(&f, &cv, id)))
        }),
    ]
}

fn need<'a>(f: &Closure<'a>, input: &Val) -> ValX<'a, Val> {
    match f.0.run((f.1.clone(), input.clone())).next().unwrap_or(Ok(Val::Null))? {
        Val::Null => {
            let path = path_of(f, input);
            Err(Exn::from(Error::new(Val::from(format!(
                "{} is missing",
                path.as_deref().unwrap_or("a value")
            )))))
        }
        value => Ok(value),
    }
}

fn checked<'a>(f: &Closure<'a>, cv: &Cv<'a, Data>, check: impl Fn(Val) -> ValR<Val>) -> ValX<'a, Val> {
    check(need(f, &cv.1)?).map_err(|wrong| within(Exn::from(wrong), f, &cv.1, None))
}

fn each<'a>(f: &Closure<'a>, g: &Closure<'a>, input: &Val) -> ValX<'a, Val> {
    let items = match f.0.run((f.1.clone(), input.clone())).next().unwrap_or(Ok(Val::Null))? {
        Val::Null => return Ok(Val::Arr(Vec::new().into())),
        Val::Arr(items) => items,
        _ => {
            let path = path_of(f, input);
            let why = format!("{} is not a list", path.as_deref().unwrap_or("a value"));
            return Err(Exn::from(Error::new(Val::from(why))));
        }
    };
    let mut out = Vec::with_capacity(items.len());
    for (n, item) in items.iter().enumerate() {
        for value in g.0.run((g.1.clone(), item.clone())) {
            out.push(value.map_err(|wrong| within(wrong, f, input, Some(n)))?);
        }
    }
    Ok(Val::Arr(out.into()))
}

fn sum<'a>(f: &Closure<'a>, g: &Closure<'a>, input: &Val) -> ValX<'a, Val> {
    let Val::Arr(items) = each(f, g, input)? else { return Ok(Val::from(0_usize)) };
    let whole = |item: &Val| match item {
        Val::Num(Num::Int(n)) => Some(*n),
        _ => None,
    };
    let total = items.iter().try_fold(0_isize, |total, item| total.checked_add(whole(item)?));
    match total {
        Some(total) => Ok(Val::Num(Num::Int(total))),
        None => {
            let path = path_of(f, input).unwrap_or_default();
            Err(Exn::from(Error::new(Val::from(format!("{path}: only whole numbers can be added up here")))))
        }
    }
}

fn entry(list: &Val, name: &Val) -> Val {
    let Val::Arr(items) = list else { return Val::Null };
    let (named, valued) = (Val::utf8_str("name"), Val::utf8_str("value"));
    let found = items.iter().find_map(|item| match item {
        Val::Obj(members) if members.get(&named) == Some(name) => members.get(&valued).cloned(),
        _ => None,
    });
    found.unwrap_or_default()
}

/// The same error with the path at which it came up: `.lines[2].price: …`.
fn within<'a>(wrong: Exn<'a, Val>, f: &Closure<'a>, input: &Val, item: Option<usize>) -> Exn<'a, Val> {
    let error = match wrong.get_err() {
        Ok(error) => error,
        Err(other) => return other,
    };
    let mut path = path_of(f, input).unwrap_or_default();
    if let Some(n) = item {
        path.push_str(&format!("[{n}]"));
    }
    let why = told(error);
    let why = if why.starts_with('.') { format!("{path}{why}") } else { format!("{path}: {why}") };
    Exn::from(Error::new(Val::from(why)))
}

/// The path that a filter takes from its input, as jq writes it; `None` where it is no path.
fn path_of(f: &Closure<'_>, input: &Val) -> Option<String> {
    let (_, steps) = f.0.paths((f.1.clone(), (input.clone(), Default::default()))).next()?.ok()?;
    let mut steps: Vec<Val> = steps.iter().cloned().collect();
    steps.reverse();
    Some(steps.iter().fold(String::new(), |out, step| match super::plain(step) {
        Some(name) if matches!(step, Val::TStr(_)) => format!("{out}.{name}"),
        Some(number) => format!("{out}[{number}]"),
        None => format!("{out}[…]"),
    }))
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

fn major(amount: &Val, code: &Val) -> ValR<Val> {
    let code = match currency(code) {
        Ok(code) => code,
        Err(why) => return refuse(why),
    };
    let minor = match amount {
        Val::Num(Num::Int(n)) => i64::try_from(*n).ok(),
        _ => None,
    };
    let Some(minor) = minor else { return refuse(format!("{amount} is not an amount in minor units")) };
    let text = Money::new(minor, code).to_string();
    Ok(Val::from(text.split(' ').next().unwrap_or_default().to_owned()))
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

fn mapped(map: &Val, name: &Val, value: &Val) -> ValR<Val> {
    let name = super::plain(name).unwrap_or_default();
    let Val::Obj(map) = map else { return refuse(format!("there is no value map {name}")) };
    let Some(text) = super::plain(value) else { return refuse(format!("the value map {name} takes text")) };
    let entry = |text: &str| map.get(&Val::utf8_str(bytes::Bytes::copy_from_slice(text.as_bytes())));
    let found = entry(&text).or_else(|| entry(&text.to_ascii_lowercase())).or_else(|| entry("*"));
    match found {
        Some(found) => Ok(found.clone()),
        None => refuse(format!("the value map {name} has nothing for {value}")),
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
