//! Random batches, good and bad, against every backend at once: same answers, same contents.

use crate::make::{LONG, Make, NOW, Owner, each, everything, load, order, text};
use crate::place::Place;
use hub::batch::{CommandState, CommitAnswer, OutboxChange, ReceivedState, RowChange};
use retail::envelope::Name;
use retail::time::Span;

/// SplitMix64: the same numbers for a seed on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    fn bytes(&mut self) -> Vec<u8> {
        let (n, kinds) = (self.below(2000), 1 + self.below(255));
        (0..n).map(|_| u8::try_from(self.below(kinds)).unwrap()).collect()
    }

    fn received(&mut self) -> ReceivedState {
        [ReceivedState::Waiting, ReceivedState::Decided, ReceivedState::Parked]
            [usize::try_from(self.below(3)).unwrap()]
    }

    fn command(&mut self) -> CommandState {
        match self.below(5) {
            0 => CommandState::Queued,
            1 => CommandState::Marked,
            2 => CommandState::Unknown { since: NOW.plus(Span(self.byte().into())) },
            3 => CommandState::Accepted { until: NOW.plus(Span(self.byte().into())) },
            _ => CommandState::Parked,
        }
    }

    fn name(&mut self) -> Name {
        let tenant = ["acme", "zenith"][usize::from(self.byte() % 2)];
        let kind = ["order", "return", "tracking"][usize::from(self.byte() % 3)];
        Name::new(tenant, kind, self.below(12).to_string())
    }
}

/// A batch of a few turns; one in six is spoilt in some way.
fn batch(dice: &mut Dice, owner: &Owner, known: &[hub::batch::StoredCase]) -> Make {
    let mut m = owner.make();
    for _ in 0..dice.below(3) {
        let id = m.open(dice.name(), "opened");
        let row = m.b.cases.last_mut().unwrap();
        row.body = dice.bytes();
        row.open = dice.below(3) > 0;
        row.due = (dice.below(2) == 0).then(|| NOW.plus(Span(dice.byte().into())));
        row.doc = (dice.below(2) == 0).then(|| dice.bytes());
        m.seen(id, dice.byte() % 4);
    }
    for stored in known {
        if dice.below(2) == 0 || m.b.cases.iter().any(|c| c.id == stored.row.id) {
            continue;
        }
        let (body, open, due) = (dice.bytes(), dice.below(2) == 0, dice.below(3));
        let row = m.turn(stored, "turned");
        (row.body, row.open) = (body, open);
        row.due = (due > 0).then(|| NOW.plus(Span(due.cast_signed())));
        if dice.below(9) == 0 {
            row.ver += 1;
        }
        m.seen(stored.row.id, dice.byte());
    }
    let cases = m.b.to.cases;
    for _ in 0..dice.below(3) {
        if cases == 0 {
            break;
        }
        let case = 1 + dice.below(cases);
        let (key, body) = (format!("k{}", dice.below(5)), (dice.below(3) > 0).then(|| dice.bytes()));
        m.b.rows.push(RowChange { case, key, body });
        m.b.routes.push((dice.name(), case));
        let state = dice.command();
        m.command(case, &order("x"), state);
    }
    for _ in 0..dice.below(3) {
        let (key, body, state) = (dice.below(9).to_string(), dice.bytes(), dice.received());
        m.receive(&key, &body, state);
        m.mail(u16::try_from(dice.below(4)).unwrap(), &dice.below(3).to_string());
        m.b.taken.push((u16::try_from(dice.below(4)).unwrap(), dice.below(12)));
        m.post(["a", "b"][usize::from(dice.byte() % 2)], "GBP", i64::from(dice.byte()) - 128);
    }
    for _ in 0..dice.below(4) {
        if m.b.to.received > 0 {
            let at = 1 + dice.below(m.b.to.received);
            m.b.settled.push((at, dice.received()));
        }
        if m.b.to.commands > 0 {
            let id = 1 + dice.below(m.b.to.commands);
            m.b.outbox.push(match dice.below(2) {
                0 => OutboxChange::Delete(id),
                _ => OutboxChange::Move { id, state: dice.command(), attempts: 3 },
            });
        }
        let (about, code) = (dice.below(3).to_string(), ["short", "refused"][usize::from(dice.byte() % 2)]);
        if dice.below(2) == 0 {
            let cause = dice.byte().to_string();
            m.raise(&about, code, &cause);
        } else {
            m.close(&about, code);
        }
    }
    match dice.below(24) {
        0 => m.b.epoch += 1,
        1 => m.b.from.pos += 1,
        2 => m.post("a", "GBP", 1 << 62),
        3 => m.b.to.mail += 1,
        _ => {}
    }
    m
}

#[test]
fn random_batches_give_the_same_in_every_backend() {
    let mut answers = [0; 4];
    for seed in 0..12 {
        let mut dice = Dice(seed);
        let places = [Place::memory(), Place::sqlite(), Place::postgres()];
        let mut stores = places.each_ref().map(Place::open);
        let mut owners: Vec<Owner> =
            (0..4).map(|part| stores.each_mut().map(|s| Owner::claim(&mut **s, part))[0].clone()).collect();
        for step in 0..60 {
            let mut reader = stores[0].reader().unwrap();
            let mut group = Vec::new();
            for owner in &owners {
                if dice.below(4) == 0 {
                    continue;
                }
                let mut known: Vec<_> =
                    (0..4).filter_map(|_| load(&mut *reader, owner.part, &dice.name())).collect();
                known.sort_by_key(|c| c.row.id);
                known.dedup_by_key(|c| c.row.id);
                group.push(batch(&mut dice, owner, &known).b);
            }
            let [a, b, c] = stores.each_mut().map(|s| s.commit(&each(&group)));
            assert_eq!(a, b, "seed {seed} step {step}");
            assert_eq!(a, c, "seed {seed} step {step}");
            for (batch, answer) in group.iter().zip(&a) {
                match answer {
                    CommitAnswer::Yes => {
                        owners.iter_mut().find(|o| o.part == batch.part).unwrap().head = batch.to;
                        answers[0] += 1;
                    }
                    CommitAnswer::Fenced => answers[1] += 1,
                    CommitAnswer::Clash(_) => answers[2] += 1,
                    CommitAnswer::Failed(_) => answers[3] += 1,
                    CommitAnswer::Unknown(why) => panic!("seed {seed} step {step}: {why}"),
                }
            }
            if step % 20 == 19 {
                let part = u16::try_from(dice.below(4)).unwrap();
                let [a, b, c] = stores.each_mut().map(|s| s.claim(part, "one", NOW, LONG).unwrap());
                assert_eq!(text(std::slice::from_ref(&a)), text(&[b]), "seed {seed} step {step}");
                assert_eq!(text(std::slice::from_ref(&a)), text(&[c]), "seed {seed} step {step}");
                owners[usize::from(part)] = Owner::of(part, &a);
            }
        }
        drop(stores);
        let [a, b, c] = places.each_ref().map(|p| everything(&mut *p.open().reader().unwrap()));
        for other in [b, c] {
            for (a, b) in a.iter().zip(&other) {
                assert_eq!(a, b, "seed {seed}");
            }
            assert_eq!(a.len(), other.len(), "seed {seed}");
        }
    }
    assert!(answers.iter().all(|n| *n > 20), "every kind of answer was met: {answers:?}");
}
