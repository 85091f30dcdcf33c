//! One partition's thread: steps its hub and carries out what it answers.

use super::http_out::Senders;
use super::storage::{Ask, Storage};
use super::{OnPanic, Running, clock, lock};
use flows::Flows;
use hub::Hub;
use hub::batch::Part;
use hub::io::{Effect, Input, Reply, Token};
use retail::envelope::Outcome;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Senders that wait for their answer.
#[derive(Debug, Default)]
pub struct Waiting {
    next: Token,
    senders: BTreeMap<Token, oneshot::Sender<Reply>>,
}

impl Waiting {
    /// A token for one sender, and where its answer comes.
    pub fn add(waiting: &Mutex<Self>) -> (Token, oneshot::Receiver<Reply>) {
        let (tell, answer) = oneshot::channel();
        let mut waiting = lock(waiting);
        waiting.next += 1;
        let token = waiting.next;
        waiting.senders.insert(token, tell);
        (token, answer)
    }

    fn answer(waiting: &Mutex<Self>, token: Token, reply: Reply) {
        if let Some(sender) = lock(waiting).senders.remove(&token)
            && sender.send(reply).is_err()
        {
            // The sender hung up; it will send again and be told it is known.
        }
    }
}

/// What a partition's thread needs.
pub struct Loop {
    pub part: Part,
    pub hub: Hub<Flows>,
    pub inputs: mpsc::UnboundedReceiver<Input>,
    pub running: Arc<Running>,
    pub storage: Storage,
    /// None on trial: what is to be sent stays where it is.
    pub senders: Option<Senders>,
    pub waiting: Arc<Mutex<Waiting>>,
    pub runtime: tokio::runtime::Handle,
}

impl Loop {
    /// Runs until the hub stops or the process ends.
    pub fn run(mut self) {
        let (running, part) = (Arc::clone(&self.running), self.part);
        let _guard =
            OnPanic(move || running.fail(format!("partition {part} panicked; what it took is on disk")));
        let timer = match tokio::runtime::Builder::new_current_thread().enable_time().build() {
            Ok(timer) => timer,
            Err(error) => return self.running.fail(format!("no timer for partition {}: {error}", self.part)),
        };
        // The first tick takes up what was recovered.
        let mut next = Some(Input::Tick);
        let mut seen = 1;
        let mut watch = clock::Watch::new();
        loop {
            let Some(input) = next.take() else { return };
            let (now, set) = watch.look();
            let mut effects = set.map(|by| self.hub.step(now, Input::ClockSet(by))).unwrap_or_default();
            effects.extend(self.hub.step(now, input));
            for effect in effects {
                if let Err(why) = self.carry_out(effect) {
                    return self.running.fail(why);
                }
            }
            self.publish(seen);
            (next, seen) = timer.block_on(self.wait());
        }
    }

    /// The next input, or a tick when the hub wants one.
    async fn wait(&mut self) -> (Option<Input>, u64) {
        let Some(wake) = self.hub.wake() else {
            return (self.inputs.recv().await, 1);
        };
        let pause = wake.since(clock::now()).0.clamp(0, 60_000);
        match tokio::time::timeout(Duration::from_millis(pause.unsigned_abs()), self.inputs.recv()).await {
            Ok(input) => (input, 1),
            Err(_) => (Some(Input::Tick), 0),
        }
    }

    /// Tells how busy the hub is. The input just stepped counts as unseen until here, so that nobody who
    /// looks in between takes the hub for idle.
    fn publish(&self, seen: u64) {
        if let Some(partition) = self.running.parts.get(usize::from(self.part)) {
            *lock(&partition.load) = self.hub.load(clock::now());
            partition.unseen.fetch_sub(seen, Ordering::SeqCst);
        }
    }

    fn carry_out(&self, effect: Effect) -> Result<(), String> {
        match effect {
            Effect::Load(keys) => self.storage.ask(Ask::Load(self.part, keys)).map_err(str::to_owned),
            Effect::Commit(batch) => self.storage.ask(Ask::Commit(self.part, batch)).map_err(str::to_owned),
            Effect::ReadHead => self.storage.ask(Ask::Head(self.part)).map_err(str::to_owned),
            Effect::Send(dispatch) => {
                let Some(senders) = self.senders.clone() else { return Ok(()) };
                let running = Arc::clone(&self.running);
                let part = self.part;
                let id = dispatch.id;
                let attempt = self.runtime.spawn(async move { senders.attempt(*dispatch).await });
                self.runtime.spawn(async move {
                    let (outcome, pause) = attempt.await.unwrap_or_else(|died| (broke_off(&died), None));
                    running.tell(part, Input::Answered { id, outcome, pause });
                });
                Ok(())
            }
            Effect::Reply { token, reply } => {
                Waiting::answer(&self.waiting, token, reply);
                Ok(())
            }
            Effect::Post { to, mail } => {
                self.running.tell(to, Input::Mail(mail));
                Ok(())
            }
            Effect::Stop { why } => Err(why),
        }
    }
}

/// An attempt that broke off is a person's, at the first try: it would break off each time, and its command would
/// otherwise wait for it until the next start.
fn broke_off(died: &tokio::task::JoinError) -> Outcome {
    Outcome::Fault { code: "attempt_broke_off".to_owned(), message: format!("which is a bug: {died}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pitfall_33_an_attempt_that_breaks_off_is_a_fault() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let died = runtime.block_on(async { tokio::spawn(async { panic!("the test's own") }).await });
        let Outcome::Fault { code, .. } = broke_off(&died.unwrap_err()) else { panic!("no fault") };
        assert_eq!(code, "attempt_broke_off");
    }
}
