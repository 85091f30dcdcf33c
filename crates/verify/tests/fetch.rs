//! Ledgers are fetched page by page, however a system frames its answers.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::{JoinHandle, spawn};
use verify::{FetchError, fetch_ledger, fetch_shelves};

/// Answers each connection with the next answer, and gives back the requests.
fn serve(answers: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/erp", listener.local_addr().unwrap());
    let served = spawn(move || {
        let mut requests = Vec::new();
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(&stream).lines();
            let mut request = String::new();
            while let Some(Ok(line)) = lines.next().filter(|l| l.as_ref().is_ok_and(|l| !l.is_empty())) {
                request.push_str(&line);
                request.push('\n');
            }
            requests.push(request);
            (&stream).write_all(answer.as_bytes()).unwrap();
        }
        requests
    });
    (base, served)
}

fn sized(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/jsonl\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn pages_follow_until_an_empty_one() {
    let first = "{\"n\":1,\"kind\":\"a\"}\n{\"n\":2,\"kind\":\"b\"}\n";
    // A row in two chunks, with an extension and a trailer's end.
    let second = "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n6;x=y\r\n{\"n\":3\r\nc\r\n,\"kind\":\"c\"}\r\n0\r\n\r\n";
    let (base, served) = serve(vec![sized(first), second.to_owned(), sized("")]);
    let rows: Result<Vec<String>, FetchError> = fetch_ledger(&base, "secret").collect();
    assert_eq!(
        rows.unwrap(),
        ["{\"n\":1,\"kind\":\"a\"}", "{\"n\":2,\"kind\":\"b\"}", "{\"n\":3,\"kind\":\"c\"}"]
    );
    let requests = served.join().unwrap();
    assert!(requests[0].starts_with("GET /erp/_ledger?after=0&limit="), "{}", requests[0]);
    assert!(requests[1].starts_with("GET /erp/_ledger?after=2&limit="), "{}", requests[1]);
    assert!(
        requests[2].contains("after=3&") && requests[2].contains("Authorization: Bearer secret"),
        "{}",
        requests[2]
    );
}

#[test]
fn an_answer_up_to_the_end_of_the_connection_is_read() {
    let (base, _served) = serve(vec!["HTTP/1.1 200 OK\r\n\r\n{\"n\":1}".to_owned(), sized("")]);
    assert_eq!(fetch_ledger(&base, "").map(Result::unwrap).collect::<Vec<_>>(), ["{\"n\":1}"]);
}

#[test]
fn what_is_wrong_is_said_once() {
    let cut = format!("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}", "{\"n\":1}\n");
    let back = sized("{\"n\":2}\n{\"n\":2}\n");
    for (answer, rows, expected) in [
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".to_owned(), 0, "answered 401"),
        ("SSH-2.0-OpenSSH\r\n".to_owned(), 0, "not HTTP"),
        (sized("not json\n"), 0, "expected"),
        (cut, 1, "is the system running"),
        (back, 1, "row 2 follows row 2"),
    ] {
        let (base, _served) = serve(vec![answer]);
        let mut ledger = fetch_ledger(&base, "");
        for _ in 0..rows {
            assert!(ledger.next().unwrap().is_ok());
        }
        let said = ledger.next().unwrap().unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
        assert!(ledger.next().is_none());
    }
    for address in ["https://x/erp", "127.0.0.1/erp", "http:///erp"] {
        assert!(matches!(fetch_ledger(address, "").next(), Some(Err(FetchError::Address(_)))), "{address}");
    }
}

#[test]
fn a_storefronts_shelves_are_read() {
    let (base, served) = serve(vec![sized(r#"{"items":{"A":{"seq":3,"available":17}}}"#)]);
    assert_eq!(fetch_shelves(&base, "t").unwrap().into_iter().collect::<Vec<_>>(), [("A".to_owned(), 17)]);
    assert!(served.join().unwrap()[0].starts_with("GET /erp/_lab/stock HTTP/1.1"));
}
