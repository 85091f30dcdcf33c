//! The life of a command, on a connector with everything: several stages, a value looked up, pages.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers stand outside #[test] functions

use link::{Answer, Connector, Endpoint, Folder, Mode, Next, Run, Strategy};
use retail::envelope::{Class, Command, Outcome};
use retail::time::{Span, Time};
use std::collections::BTreeMap;

const MANIFEST: &str = r#"
name = "ledger"
roles = ["erp"]
support = "documented"
[http]
base = "{conf.url}/v1"
[limits]
rate = "6000/5m"
in_flight = 3
cost = { left = '.body.budget.left', restore = '.body.budget.restore', keep = 100 }
[[classify]]
status = [412]
class = "again"
[[classify]]
status = [404, 422]
class = "refused"
code = '.body.code'

[op.order]
idempotency = { by = "reference", header = "Key" }
settle = "150s"
give_up = "2d"
result = '{ref: .found.number}'
[op.order.lookup.party]
get = "/parties"
query = '{code: .args.customer}'
take = '.body[0].id'
absent = "refused:unknown_customer"
[op.order.find]
get = "/orders"
query = '{reference: .key}'
match = '.body[]'
[[op.order.stage]]
done_if = '.found'
post = "/orders"
body = '{reference: .key, party: .lookup.party}'
[[op.order.stage]]
done_if = '.found.state != "draft"'
post = "/orders/{.found.id}/confirm"
found = '.body'

[op.set]
idempotency = { by = "state" }
settle = "5s"
result = '.found'
[op.set.find]
get = "/state/{.object}"
absent_if = '.status == 404'
[[op.set.stage]]
done_if = '.found.value == .args.value'
put = "/state/{.object}"
body = '{value: .args.value, was: .found.value}'
found = '.body'

[op.once]
idempotency = { by = "none" }
stage = [{ post = "/once", body = "args" }]
result = "body"
"#;

fn connector() -> Connector {
    let files = BTreeMap::from([("connector.toml".to_owned(), MANIFEST.to_owned())]);
    match Connector::compile(&Folder { files }, None) {
        Ok(connector) => connector,
        Err(faults) => panic!("{faults:#?}"),
    }
}

fn endpoint() -> Endpoint {
    Endpoint { url: "https://l.test/".to_owned(), ..Endpoint::default() }
}

fn command(op: &str, args: &str) -> Command {
    Command {
        role: "erp".to_owned(),
        at: String::new(),
        op: op.to_owned(),
        object: "o1".to_owned(),
        key: "k1".to_owned(),
        class: Class::Checkout,
        args: serde_json::from_str(args).unwrap(),
    }
}

const NOW: Time = Time(0);

fn ok(body: &str) -> Answer {
    status(200, body)
}

fn status(status: u16, body: &str) -> Answer {
    Answer::Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

fn lost() -> Answer {
    Answer::Lost { why: "cut".to_owned() }
}

/// Feeds answers in and lists what was sent; the outcome comes last.
fn play(op: &str, args: &str, mode: Mode, answers: Vec<Answer>) -> (Vec<String>, Outcome) {
    let mut run: Run = connector().start(&command(op, args), mode, &endpoint().into(), None).unwrap();
    let (mut sent, mut answers) = (Vec::new(), answers.into_iter());
    let mut answer = None;
    loop {
        match run.next(answer.take(), NOW) {
            Next::Done(outcome) => {
                assert_eq!(answers.next(), None, "an answer was not asked for");
                return (sent, outcome);
            }
            Next::Send(request) => {
                let body = String::from_utf8(request.body).unwrap();
                let path = request.url.strip_prefix("https://l.test/v1").unwrap().to_owned();
                let key = request
                    .headers
                    .iter()
                    .find(|(name, _)| name == "Key")
                    .map(|(_, value)| format!(" [{value}]"));
                sent.push(format!("{} {path}{}{body}", request.method, key.unwrap_or_default()));
                answer = Some(answers.next().unwrap_or_else(|| panic!("nothing answers {sent:?}")));
            }
        }
    }
}

fn done(outcome: Outcome) -> String {
    match outcome {
        Outcome::Done { result } => result.get().to_owned(),
        other => panic!("{other:?}"),
    }
}

const ORDER: &str = r#"{"customer":"17850"}"#;

#[test]
fn a_first_send_looks_nothing_up_but_values_and_runs_every_stage() {
    let answers = vec![
        ok(r#"[{"id":5}]"#),
        ok(r#"{"id":9}"#),
        ok(r#"[{"id":9,"state":"draft"}]"#),
        ok(r#"{"id":9,"state":"confirmed","number":"SO9"}"#),
    ];
    let (sent, outcome) = play("order", ORDER, Mode::First, answers);
    assert_eq!(
        sent,
        [
            "GET /parties?code=17850",
            r#"POST /orders [k1]{"reference":"k1","party":5}"#,
            "GET /orders?reference=k1",
            "POST /orders/9/confirm [k1/2]",
        ]
    );
    assert_eq!(done(outcome), r#"{"ref":"SO9"}"#);
}

#[test]
fn after_a_crash_the_run_goes_on_where_it_was() {
    let answers = vec![
        ok("[]"),
        ok(r#"[{"id":9,"state":"draft"}]"#),
        ok(r#"{"id":9,"state":"confirmed","number":"SO9"}"#),
    ];
    let (sent, outcome) = play("order", ORDER, Mode::Find, {
        let mut all = answers;
        all[0] = ok(r#"[{"id":5}]"#);
        all
    });
    assert_eq!(
        sent,
        ["GET /parties?code=17850", "GET /orders?reference=k1", "POST /orders/9/confirm [k1/2]"]
    );
    assert_eq!(done(outcome), r#"{"ref":"SO9"}"#);
}

#[test]
fn looking_up_creates_nothing() {
    let (sent, outcome) = play("order", ORDER, Mode::Find, vec![ok(r#"[{"id":5}]"#), ok("[]")]);
    assert_eq!(sent.len(), 2);
    assert!(matches!(outcome, Outcome::Absent));
}

#[test]
fn a_value_that_is_absent_refuses_a_first_send_but_settles_no_open_one() {
    let (_, first) = play("order", ORDER, Mode::First, vec![ok("[]")]);
    assert!(matches!(first, Outcome::Refused { code, .. } if code == "unknown_customer"));
    let (_, again) = play("order", ORDER, Mode::Find, vec![ok("[]")]);
    assert!(matches!(again, Outcome::Unknown { .. }));
}

#[test]
fn once_a_stage_is_done_nothing_says_it_was_not() {
    let begun = |last: Answer| play("order", ORDER, Mode::First, vec![ok(r#"[{"id":5}]"#), ok("{}"), last]).1;
    for last in
        [lost(), status(429, ""), status(500, ""), Answer::NotSent { why: "closed".to_owned() }, ok("[]")]
    {
        let outcome = begun(last.clone());
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{last:?}: {outcome:?}");
    }
    let draft = ok(r#"[{"id":9,"state":"draft"}]"#);
    let second = |last: Answer| {
        play("order", ORDER, Mode::First, vec![ok(r#"[{"id":5}]"#), ok("{}"), draft.clone(), last]).1
    };
    for last in [lost(), status(429, ""), Answer::NotSent { why: "closed".to_owned() }] {
        assert!(matches!(second(last), Outcome::Unknown { .. }));
    }
    assert!(
        matches!(second(status(422, r#"{"code":"closed"}"#)), Outcome::Refused { code, .. } if code == "closed")
    );
}

#[test]
fn a_read_before_anything_was_sent_may_simply_be_repeated() {
    for answer in [lost(), status(503, ""), status(429, ""), Answer::NotSent { why: "closed".to_owned() }] {
        let (_, outcome) = play("order", ORDER, Mode::First, vec![answer]);
        assert!(matches!(outcome, Outcome::Throttled { retry_after: None }), "{outcome:?}");
    }
    let (_, outcome) = play("order", ORDER, Mode::Find, vec![lost()]);
    assert!(matches!(outcome, Outcome::Unknown { .. }));
}

#[test]
fn a_conflict_is_found_and_gone_on_from() {
    let answers =
        vec![ok(r#"[{"id":5}]"#), status(412, ""), ok(r#"[{"id":9,"state":"confirmed","number":"SO9"}]"#)];
    let (sent, outcome) = play("order", ORDER, Mode::First, answers);
    assert_eq!(sent[2], "GET /orders?reference=k1");
    assert_eq!(done(outcome), r#"{"ref":"SO9"}"#);
}

#[test]
fn a_conflict_without_end_is_left_open() {
    let mut answers = vec![ok(r#"[{"id":5}]"#)];
    for _ in 0..3 {
        answers.push(status(412, ""));
        answers.push(ok("[]"));
    }
    answers.push(status(412, ""));
    let (sent, outcome) = play("order", ORDER, Mode::First, answers);
    assert_eq!(sent.len(), 8);
    assert!(matches!(outcome, Outcome::Unknown { .. }));
}

#[test]
fn a_stage_that_is_not_seen_done_is_not_repeated() {
    let draft = r#"[{"id":9,"state":"draft"}]"#;
    let answers = vec![ok(r#"[{"id":5}]"#), ok("{}"), ok(draft), ok(r#"{"id":9,"state":"draft"}"#)];
    let (_, outcome) = play("order", ORDER, Mode::First, answers);
    assert!(matches!(outcome, Outcome::Unknown { why } if why.contains("not seen done")));
}

#[test]
fn a_state_is_read_and_set_only_where_it_differs() {
    let (sent, outcome) = play("set", r#"{"value":3}"#, Mode::First, vec![ok(r#"{"value":3}"#)]);
    assert_eq!((sent, done(outcome)), (vec!["GET /state/o1".to_owned()], r#"{"value":3}"#.to_owned()));
    let (sent, _) =
        play("set", r#"{"value":3}"#, Mode::First, vec![ok(r#"{"value":2}"#), ok(r#"{"value":3}"#)]);
    assert_eq!(sent[1], r#"PUT /state/o1{"value":3,"was":2}"#);
    let (sent, outcome) =
        play("set", r#"{"value":3}"#, Mode::First, vec![status(404, ""), ok(r#"{"value":3}"#)]);
    assert_eq!(sent[1], r#"PUT /state/o1{"value":3,"was":null}"#);
    assert_eq!(done(outcome), r#"{"value":3}"#);
    assert!(matches!(play("set", r#"{"value":3}"#, Mode::Find, vec![status(404, "")]).1, Outcome::Absent));
}

#[test]
fn what_can_neither_be_looked_up_nor_repeated_is_a_person_s() {
    let refused =
        connector().start(&command("once", "{}"), Mode::Find, &endpoint().into(), None).unwrap_err();
    assert!(matches!(refused, Outcome::Fault { code, .. } if code == "nothing_to_look_up"));
    let (sent, outcome) = play("once", r#"{"a":1.10}"#, Mode::First, vec![ok(r#"{"b":2.50}"#)]);
    assert_eq!(
        (sent, done(outcome)),
        (vec![r#"POST /once{"a":1.10}"#.to_owned()], r#"{"b":2.50}"#.to_owned())
    );
}

#[test]
fn answers_out_of_turn_are_a_fault() {
    let mut run = connector().start(&command("once", "{}"), Mode::First, &endpoint().into(), None).unwrap();
    assert!(
        matches!(run.next(Some(ok("{}")), NOW), Next::Done(Outcome::Fault { code, .. }) if code == "out_of_turn")
    );
    let mut run = connector().start(&command("once", "{}"), Mode::First, &endpoint().into(), None).unwrap();
    assert!(matches!(run.next(None, NOW), Next::Send(_)));
    assert!(matches!(run.next(None, NOW), Next::Done(Outcome::Fault { .. })));
}

#[test]
fn a_connector_says_what_it_can() {
    let connector = connector();
    let order = connector.op("order").unwrap();
    assert_eq!(
        (order.idempotency, connector.settle_for(order, &endpoint()), order.give_up),
        (Strategy::Reference, Some(Span::seconds(150)), Some(Span::days(2)))
    );
    assert_eq!(connector.limits().rate_per_second, Some(20.0));
    assert_eq!(connector.limits().in_flight, 3);
    let told = serde_json::to_value(link::describe(&connector)).unwrap();
    assert_eq!(told["operations"][1]["name"], "set");
    assert_eq!(told["operations"][0]["look_up"], true);
}

#[test]
fn a_connection_may_set_its_own_limits() {
    let manifest = MANIFEST.replacen(
        "[limits]\nrate = \"6000/5m\"\nin_flight = 3",
        "[conf]\nrate = \"r\"\nwidth = \"w\"\n[limits]\nrate = { conf = \"rate\" }\nin_flight = { conf = \"width\", default = 3 }",
        1,
    );
    let files = BTreeMap::from([("connector.toml".to_owned(), manifest)]);
    let connector = Connector::compile(&Folder { files }, None).unwrap();
    assert_eq!((connector.limits().rate_per_second, connector.limits().in_flight), (None, 3));
    let conf = serde_json::json!({"rate": "2/s", "width": 7}).into();
    let set = connector.limits_for(&Endpoint { conf, ..endpoint() });
    assert_eq!((set.rate_per_second, set.in_flight), (Some(2.0), 7));
    let odd = connector
        .limits_for(&Endpoint { conf: serde_json::json!({"rate": "fast", "width": 0}).into(), ..endpoint() });
    assert_eq!((odd.rate_per_second, odd.in_flight), (None, 3));
}

#[test]
fn connectors_and_runs_move_between_threads() {
    fn shared<T: Send + Sync>() {}
    fn moved<T: Send>() {}
    shared::<Connector>();
    moved::<Run>();
}

#[test]
fn credentials_are_not_printed() {
    let endpoint =
        Endpoint { secret: BTreeMap::from([("key".to_owned(), "sk_live".to_owned())]), ..endpoint() };
    assert!(!format!("{endpoint:?}").contains("sk_live"));
}

#[test]
fn a_budget_that_runs_out_asks_for_time() {
    let pause = |body: &str| {
        let mut run =
            connector().start(&command("once", "{}"), Mode::First, &endpoint().into(), None).unwrap();
        assert!(matches!(run.next(None, NOW), Next::Send(_)));
        assert_eq!(run.pause(), None);
        assert!(matches!(run.next(Some(ok(body)), NOW), Next::Done(Outcome::Done { .. })));
        run.pause()
    };
    assert_eq!(pause(r#"{"budget": {"left": 50, "restore": 25.0}}"#), Some(Span::seconds(2)));
    assert_eq!(
        pause(r#"{"budget": {"left": 0.5, "restore": 0.001}}"#),
        Some(Span::seconds(60)),
        "never for ever"
    );
    for none in
        [r#"{"budget": {"left": 100, "restore": 25}}"#, r#"{"budget": {"left": 1, "restore": 0}}"#, "{}"]
    {
        assert_eq!(pause(none), None, "{none}");
    }
}
