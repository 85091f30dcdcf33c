//! A process as small as one can be: each event orders one command on one object, and what becomes of it is noted.

use hub::process::{Decision, Fault, Process, Rows, Stimulus};
use retail::envelope::{Class, Command, Name, Outcome, json};
use retail::time::Time;

#[derive(Clone, Copy, Debug)]
pub struct Counter;

fn bad(error: &serde_json::Error) -> Fault {
    Fault::new("bad_state", error.to_string())
}

impl Process for Counter {
    type State = Vec<String>;
    type Row = ();

    fn family<'a>(&self, name: &'a Name) -> &'a str {
        &name.value
    }
    fn opens(&self, _: &str) -> bool {
        true
    }
    fn decode(&self, _: &Name, body: &[u8], _: Option<&[u8]>) -> Result<Vec<String>, Fault> {
        serde_json::from_slice(body).map_err(|error| bad(&error))
    }
    fn encode(&self, state: &Vec<String>) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(state).map_err(|error| bad(&error))
    }
    fn encode_doc(&self, _: &Vec<String>) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }
    fn decode_row(&self, _: &Name, _: &str, _: &[u8]) -> Result<(), Fault> {
        Ok(())
    }
    fn encode_row(&self, (): &()) -> Result<Vec<u8>, Fault> {
        Ok(Vec::new())
    }
    fn needs(
        &self,
        _: &Name,
        _: Option<&Vec<String>>,
        _: &Rows<()>,
        _: &Stimulus,
    ) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }
    fn decide(
        &self,
        name: &Name,
        state: Option<&Vec<String>>,
        _: &Rows<()>,
        stimulus: &Stimulus,
        _: Time,
    ) -> Result<Decision<Vec<String>, ()>, Fault> {
        let mut state = state.cloned().unwrap_or_default();
        let ordered = match stimulus {
            Stimulus::Event(event) => {
                state.push(event.kind.clone());
                Some(event.kind.clone())
            }
            Stimulus::Outcome { key, outcome, .. } => {
                if matches!(outcome, Outcome::Done { .. }) {
                    state.push(format!("done {key}"));
                }
                None
            }
            _ => None,
        };
        let mut decision = Decision::of(state, true);
        decision.commands.extend(ordered.map(|key| Command {
            role: "erp".to_owned(),
            at: String::new(),
            op: "call".to_owned(),
            object: name.value.clone(),
            key,
            class: Class::Status,
            args: json("x").unwrap(),
        }));
        Ok(decision)
    }
}
