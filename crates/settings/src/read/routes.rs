//! `[[route]]`: which of several systems that play a role gets an order. Rules that no order reaches, that decide by
//! their order alone, or that leave orders to nobody are faults.

use super::roster::Roster;
use super::words::instead;
use crate::role::Role;
use crate::route::Route;
use formats::toml::{Fields, Node};
use std::collections::BTreeSet;

/// All of a share, in hundredths of a percent.
const WHOLE: u16 = 10_000;

/// The roles that rules choose for: several connections may play these.
pub(super) fn roles(root: &mut Fields<'_>) -> BTreeSet<Role> {
    let Some(list) = root.get("route").filter(Node::is_array) else { return BTreeSet::new() };
    let tables = list.items().into_iter().filter(Node::is_table).filter_map(|node| node.fields());
    let word = |mut fields: Fields<'_>| {
        fields.get("role").filter(Node::is_text)?.text().and_then(|text| Role::parse(text.value))
    };
    tables.filter_map(word).filter(|role| role.told_apart_by().is_none()).collect()
}

/// Reads the rules and holds them against each other and against who plays what.
pub(super) fn routes<'a>(root: &mut Fields<'a>, roster: &Roster<'a>) -> Vec<Route> {
    let Some(list) = root.get("route") else { return Vec::new() };
    let mut read: Vec<(Route, Node<'a>)> = Vec::new();
    let mut sound = true;
    for node in list.items() {
        match node.fields().and_then(|fields| route(fields, roster)) {
            Some((mut route, share)) => {
                sound &= band(&mut route, share, &read, &node);
                reached(&route, &read, &node);
                read.push((route, node));
            }
            None => sound = false,
        }
    }
    if sound {
        everybody(&read);
        unused(&read, roster);
    }
    read.into_iter().map(|(route, _)| route).collect()
}

fn route<'a>(mut fields: Fields<'a>, roster: &Roster<'a>) -> Option<(Route, Option<u16>)> {
    let words: Vec<(&str, Role)> =
        Role::ALL.into_iter().filter(|r| r.told_apart_by().is_none()).map(|r| (r.word(), r)).collect();
    let role = fields.need("role", "role = \"erp\"").and_then(|node| {
        let apart = Role::parse(node.text()?.value).and_then(|r| Some((r, r.told_apart_by()?)));
        if let Some((role, what)) = apart {
            node.fault(
                format!("{role} is chosen by the {what}, not by rules"),
                format!("plays = [\"{role}:{}\"] in a connection", what.to_uppercase()),
            );
            return None;
        }
        node.word(&words)
    });
    let to = fields.need("to", "to = \"erp\", the name of a connection").and_then(|node| {
        let text = node.text()?;
        let players = roster.players(role?);
        if !roster.is_broken() && !players.contains(&text.value) {
            let message = format!("no connection {:?} plays {}", text.value, role?);
            node.fault(message, instead(text.value, players));
        }
        Some(text.value.to_owned())
    });
    let when = fields.section("when").map(|fields| when(fields, roster));
    fields.done();
    let When { brand, channel, region, share } = when??;
    Some((Route { role: role?, brand, channel, region, band: None, to: to? }, share))
}

struct When {
    brand: Option<String>,
    channel: Option<String>,
    region: Option<String>,
    share: Option<u16>,
}

fn when<'a>(mut fields: Fields<'a>, roster: &Roster<'a>) -> Option<When> {
    let mut sound = true;
    let mut text = |name| {
        let node = fields.get(name)?;
        let value = node.text().map(|text| text.value.to_owned()).filter(|value| {
            if value.trim().is_empty() {
                node.fault("an empty text names nothing", "");
            }
            !value.trim().is_empty()
        });
        sound &= value.is_some();
        value.map(|value| (value, node))
    };
    let (brand, channel, region) = (text("brand"), text("channel"), text("region"));
    if let Some((channel, node)) = &channel {
        roster.expect(Role::Storefront, channel, node);
    }
    let share = fields.get("share").map(|node| share(&node));
    fields.done();
    let value = |given: Option<(String, Node<'a>)>| given.map(|(value, _)| value);
    let share = match share {
        Some(None) => return None,
        Some(share) => share,
        None => None,
    };
    sound.then(|| When { brand: value(brand), channel: value(channel), region: value(region), share })
}

/// `30%` or `12.5%`, in hundredths of a percent.
fn share(node: &Node<'_>) -> Option<u16> {
    let text = node.text()?.value;
    let read = text.strip_suffix('%').and_then(|number| {
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        let digits = |s: &str| s.chars().all(|c| c.is_ascii_digit());
        if whole.is_empty() || part.len() > 2 || !digits(whole) || !digits(part) {
            return None;
        }
        let hundredths: u16 = format!("{part:0<2}").parse().ok()?;
        whole.parse::<u16>().ok()?.checked_mul(100)?.checked_add(hundredths)
    });
    let fits = read.filter(|share| (1..=WHOLE).contains(share));
    if fits.is_none() {
        node.fault(format!("{text:?} is not a share"), "30% or 12.5%, above 0% and at most 100%");
    }
    fits
}

/// How much of the orders of a rule earlier rules for the same orders take.
fn taken(route: &Route, before: &[(Route, Node<'_>)]) -> u16 {
    let ends = before.iter().filter(|(r, _)| r.same(route)).filter_map(|(r, _)| r.band);
    ends.map(|band| band.1).max().unwrap_or(0)
}

fn band(route: &mut Route, share: Option<u16>, before: &[(Route, Node<'_>)], node: &Node<'_>) -> bool {
    let Some(share) = share else { return true };
    let from = taken(route, before);
    if share > WHOLE - from && from < WHOLE {
        let message = format!("with this the shares of {} come to more than 100%", route.when());
        node.fault(message, format!("share = \"{}%\" or less", f64::from(WHOLE - from) / 100.0));
        return false;
    }
    route.band = Some((from, from.saturating_add(share)));
    true
}

/// Refuses a rule that no order reaches, and one that another rule decides with by standing first alone.
fn reached(route: &Route, before: &[(Route, Node<'_>)], node: &Node<'_>) {
    let all =
        |(r, _): &&(Route, Node<'_>)| r.covers(route) && (r.band.is_none() || taken(r, before) == WHOLE);
    if let Some((_, first)) = before.iter().find(all) {
        let message = format!("no order comes here: {} takes all of them", first.path);
        node.fault(message, "the rule for fewer orders first, or without this one");
        return;
    }
    for (n, (other, first)) in before.iter().enumerate() {
        let Some(both) = other.both(route) else { continue };
        let apart = !other.covers(route) && !route.covers(other) && other.to != route.to;
        let settled = before.iter().take(n).any(|(r, _)| r.covers(&both) && r.band.is_none());
        if apart && !settled {
            node.fault(
                format!("an order of {} fits {} too", both.when(), first.path),
                format!("a rule before both with when = {}", both.when()),
            );
        }
    }
}

/// Refuses rules that leave orders of a role to nobody.
fn everybody(read: &[(Route, Node<'_>)]) {
    let roles: BTreeSet<Role> = read.iter().map(|(r, _)| r.role).collect();
    for role in roles {
        let of = || read.iter().filter(|(r, _)| r.role == role);
        let any = |r: &Route| r.brand.is_none() && r.channel.is_none() && r.region.is_none();
        let whole = of().any(|(r, _)| any(r) && (r.band.is_none() || taken(r, read) == WHOLE));
        if let Some((_, last)) = of().next_back().filter(|_| !whole) {
            last.fault(
                format!("an order that fits no rule for {role} goes to nobody"),
                format!("a last rule with role = \"{role}\" and to, without when"),
            );
        }
    }
}

/// Refuses a connection that plays a role and gets no order.
fn unused(read: &[(Route, Node<'_>)], roster: &Roster<'_>) {
    let roles: BTreeSet<Role> = read.iter().map(|(r, _)| r.role).collect();
    for role in roles {
        for played in roster.of(role) {
            if !read.iter().any(|(r, _)| r.role == role && r.to == played.by()) {
                let hint = format!("a [[route]] with role = \"{role}\" and to = {:?}", played.by());
                played.node.fault(format!("no rule sends {role} here"), hint);
            }
        }
    }
}
