//! Who plays what: gathered from the connections, asked by everything that names a source, place or executor.

use super::words::instead;
use crate::role::{Play, Role};
use formats::toml::{Fields, Node};

/// Who plays what.
#[derive(Default)]
pub(super) struct Roster<'a> {
    plays: Vec<Played<'a>>,
    names: Vec<String>,
    /// Settings of connections that name something of the estate.
    named: Vec<Named<'a>>,
    /// Set where a part could not be read: what seems to be missing may stand there.
    broken: bool,
    /// Roles that rules choose for: several may play them.
    pub routed: std::collections::BTreeSet<Role>,
}

/// A role played by a connection.
pub(super) struct Played<'a> {
    pub play: Play,
    pub node: Node<'a>,
    by: String,
}

impl Played<'_> {
    /// The connection that plays it.
    pub fn by(&self) -> &str {
        &self.by
    }
}

/// `conf.source = "shop"` and its like.
pub(super) struct Named<'a> {
    pub field: &'static str,
    pub value: String,
    pub node: Node<'a>,
}

impl<'a> Roster<'a> {
    /// Takes a connection's name, once.
    pub fn name(&mut self, name: &str, node: &Node<'_>) {
        match self.names.iter().position(|known| known == name) {
            Some(n) => node.fault(format!("connection[{n}] is called {name:?} too"), "a name of its own"),
            None => self.names.push(name.to_owned()),
        }
    }

    /// Takes a role that a connection plays, once.
    pub fn play(&mut self, play: &Play, by: &str, node: Node<'a>) {
        let routed = self.routed.contains(&play.role);
        match self.plays.iter().find(|known| known.play == *play && (!routed || known.by == by)) {
            Some(known) => {
                let message = format!("{play} is played by {:?} already", known.by);
                node.fault(
                    message,
                    "one connection for each role and place; [[route]] rules choose among several for a role",
                );
            }
            None => self.plays.push(Played { play: play.clone(), node, by: by.to_owned() }),
        }
    }

    /// Whether it is known that nobody plays a role.
    pub fn nobody_plays(&self, role: Role) -> bool {
        !self.broken && self.of(role).next().is_none()
    }

    /// Takes a setting that names something of the estate.
    pub fn named(&mut self, field: &'static str, value: &str, node: Node<'a>) {
        self.named.push(Named { field, value: value.to_owned(), node });
    }

    /// Part of the connections could not be read.
    pub fn broken(&mut self) {
        self.broken = true;
    }

    /// The sources, places or executors at which a role is played, in the order of the file.
    pub fn ats(&self, role: Role) -> Vec<&str> {
        self.of(role).map(|played| played.play.at.as_str()).filter(|at| !at.is_empty()).collect()
    }

    /// The connections that play a role.
    pub fn players(&self, role: Role) -> Vec<&str> {
        self.of(role).map(|played| played.by.as_str()).collect()
    }

    /// Whether part of the connections could not be read.
    pub const fn is_broken(&self) -> bool {
        self.broken
    }

    /// Who plays a role.
    pub fn of(&self, role: Role) -> impl Iterator<Item = &Played<'a>> {
        self.plays.iter().filter(move |played| played.play.role == role)
    }

    /// The settings of this name.
    pub fn named_by(&self, field: &'static str) -> impl Iterator<Item = &Named<'a>> {
        self.named.iter().filter(move |named| named.field == field)
    }

    /// Whether somebody plays the role there, or for all. Yes where it cannot be told.
    pub fn plays(&self, role: Role, at: &str) -> bool {
        self.broken || self.of(role).any(|played| played.play.at == at || played.play.at.is_empty())
    }

    /// Refuses a source, place or executor at which nobody plays the role.
    pub fn expect(&self, role: Role, at: &str, node: &Node<'_>) {
        self.expect_at(role, at, |message, hint| node.fault(message, hint));
    }

    /// The same, with the fault told elsewhere than at a value.
    pub fn expect_at(&self, role: Role, at: &str, fault: impl FnOnce(String, String)) {
        if !self.plays(role, at) {
            let add = format!("plays = [\"{role}:{at}\"] in a connection");
            let hint = match formats::toml::nearest(at, self.ats(role)) {
                Some(near) => format!("{near}, or {add}"),
                None => add,
            };
            fault(format!("no connection plays {role} at {at:?}"), hint);
        }
    }

    /// Refuses an estate in which a role that the processes talk to is played by nobody, or a setting names
    /// somebody who is not there.
    pub fn every_role_is_played(&self, root: &Fields<'_>) {
        if self.broken {
            return;
        }
        let needed = Role::ALL.into_iter().filter(|role| !role.optional());
        for role in needed.filter(|role| self.of(*role).next().is_none()) {
            // One returns platform for all is the usual.
            let apart = role.told_apart_by().filter(|_| role != Role::Returns);
            let at = apart.map(|what| format!(":{}", what.to_uppercase())).unwrap_or_default();
            let hint = format!("plays = [\"{role}{at}\"] in a connection");
            root.fault_in("connection", format!("no connection plays {role}"), hint);
        }
        let roles = [("source", Role::Storefront), ("executor", Role::Payments), ("place", Role::Wms)];
        for (field, role) in roles.into_iter().filter(|(_, role)| self.of(*role).next().is_some()) {
            self.named_by(field).for_each(|named| self.expect(role, &named.value, &named.node));
        }
    }

    /// Reads `role:at`; what is wrong is told.
    pub fn read(text: &str, node: &Node<'_>) -> Option<Play> {
        let (word, at) = text.split_once(':').map_or((text, None), |(word, at)| (word, Some(at)));
        let Some(role) = Role::parse(word) else {
            node.fault(format!("there is no role {word:?}"), instead(word, Role::ALL.map(Role::word)));
            return None;
        };
        match (role.told_apart_by(), at) {
            (None, Some(_)) => node.fault(format!("{role} is played for all, not at one place"), role.word()),
            (Some(what), Some(at)) if !super::words::is_id(at) => {
                node.fault(format!("{at:?} is not the id of a {what}"), format!("{role}:NAME"));
            }
            (Some(what), None) if role == Role::Wms => {
                node.fault(format!("a {role} plays at a {what}"), format!("{role}:NORTH"));
            }
            (_, at) => return Some(Play { role, at: at.unwrap_or_default().to_owned() }),
        }
        None
    }
}
