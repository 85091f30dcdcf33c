//! A group of batches in one transaction.

use super::Postgres;
use super::fault::Bad;
use super::session::{Link, Stopped};
use super::stand::Standing;
use super::write::{Call, Good, calls};
use crate::StoreError;
use crate::check::malformed;
use futures_util::future::{join, try_join_all};
use hub::batch::{Batch, CommitAnswer};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// A batch of the group, by its place in it.
type Numbered<'a> = (usize, &'a Batch);

/// What a transaction over some batches came to.
enum End {
    /// It ended well, or was given up because no batch stood.
    Ended,
    /// Nothing was written.
    Failed(StoreError),
    /// Nothing was written, and values are at fault: with several batches nobody knows whose.
    Data(StoreError),
    /// The connection broke with COMMIT on its way.
    Unknown(StoreError),
}

impl Postgres {
    pub(super) fn commit_group(&mut self, batches: &[&Batch]) -> Vec<CommitAnswer> {
        let mut answers: Vec<Option<CommitAnswer>> =
            batches.iter().map(|b| malformed(b).map(CommitAnswer::Failed)).collect();
        let open: Vec<Numbered<'_>> =
            batches.iter().enumerate().filter(|(n, _)| answers[*n].is_none()).map(|(n, b)| (n, *b)).collect();
        if !open.is_empty() {
            match self.transaction(&open, &mut answers) {
                End::Data(_) if open.len() > 1 => {
                    // Rare: each by itself, so that only the one at fault is refused.
                    for one in &open {
                        self.alone(*one, &mut answers);
                    }
                }
                end => close(&open, end, &mut answers),
            }
        }
        answers.into_iter().flatten().collect()
    }

    fn alone(&mut self, one: Numbered<'_>, answers: &mut [Option<CommitAnswer>]) {
        answers[one.0] = None;
        let end = self.transaction(&[one], answers);
        close(&[one], end, answers);
    }

    /// One transaction over batches. Those that are refused are answered; the others are not, whatever comes of them.
    fn transaction(&mut self, batches: &[Numbered<'_>], answers: &mut [Option<CommitAnswer>]) -> End {
        let sent = Cell::new(false);
        let refused = RefCell::new(Vec::new());
        let done = self.session.attempt(async |link| {
            let done = write(link, batches, &refused, &sent).await;
            let open = done.as_ref().is_err_and(|bad| !bad.lost());
            if open && link.run("ROLLBACK").await.is_err() {
                // Then the connection is lost, and with it the transaction.
            }
            done
        });
        let end = match done {
            Ok(()) => End::Ended,
            Err(Stopped::Away(e)) => End::Failed(e),
            Err(Stopped::Bad(bad)) => {
                let said = bad.error("committing", &self.session.place);
                if bad.lost() && sent.get() {
                    End::Unknown(said)
                } else if bad.data() {
                    End::Data(said)
                } else {
                    if matches!(bad, Bad::Unreadable(_)) {
                        self.session.hang_up();
                    }
                    End::Failed(said)
                }
            }
        };
        // Refusals were read under the locks: they hold whatever became of the others.
        for (n, answer) in refused.into_inner() {
            answers[n] = Some(answer);
        }
        end
    }
}

/// Answers what is still open after a transaction.
fn close(batches: &[Numbered<'_>], end: End, answers: &mut [Option<CommitAnswer>]) {
    let answer = match end {
        End::Ended => CommitAnswer::Yes,
        End::Failed(e) => CommitAnswer::Failed(e.to_string()),
        End::Data(e) => CommitAnswer::Failed(format!("the rows contradict what is stored: {e}")),
        End::Unknown(e) => CommitAnswer::Unknown(e.to_string()),
    };
    for (n, _) in batches {
        answers[*n].get_or_insert_with(|| answer.clone());
    }
}

/// Reads, judges and writes wave by wave, and commits. `sent` is set when COMMIT goes out.
async fn write(
    link: &Link,
    batches: &[Numbered<'_>],
    refused: &RefCell<Vec<(usize, CommitAnswer)>>,
    sent: &Cell<bool>,
) -> Result<(), Bad> {
    let waves = waves(batches);
    let mut written = false;
    for (at, wave) in waves.iter().enumerate() {
        let plain: Vec<&Batch> = wave.iter().map(|(_, b)| *b).collect();
        let standing = if at == 0 {
            let (begun, standing) = join(link.run("BEGIN"), Standing::read(link, &plain)).await;
            begun.and(standing)?
        } else {
            Standing::read(link, &plain).await?
        };
        let calls = judge(wave, &standing, refused);
        written |= !calls.is_empty();
        let last = at + 1 == waves.len();
        if last && !written {
            return link.run("ROLLBACK").await;
        }
        send(link, &calls, last.then_some(sent)).await?;
    }
    Ok(())
}

/// Batches of one partition follow each other, so a wave has one of each at most; nearly always it is the only one.
fn waves<'a>(batches: &[Numbered<'a>]) -> Vec<Vec<Numbered<'a>>> {
    let mut waves: Vec<Vec<Numbered<'a>>> = Vec::new();
    for (n, b) in batches {
        let before = |wave: &&Vec<Numbered<'_>>| wave.iter().any(|(_, other)| other.part == b.part);
        let turn = waves.iter().filter(before).count();
        match waves.get_mut(turn) {
            Some(wave) => wave.push((*n, b)),
            None => waves.push(vec![(*n, b)]),
        }
    }
    waves
}

/// Notes which batches are refused, and says what the others write.
fn judge<'a>(
    wave: &[Numbered<'a>],
    standing: &Standing<'a>,
    refused: &RefCell<Vec<(usize, CommitAnswer)>>,
) -> Vec<Call<'a>> {
    let mut good: Vec<(usize, Good<'a>)> = Vec::new();
    for (n, b) in wave {
        match standing.judge(b) {
            Ok(balances) => good.push((*n, (b, balances))),
            Err(answer) => refused.borrow_mut().push((*n, answer)),
        }
    }
    loop {
        let rows: Vec<Good<'a>> = good.iter().map(|(_, rows)| rows.clone()).collect();
        if rows.is_empty() {
            return Vec::new();
        }
        match calls(&rows, standing) {
            Ok(calls) => return calls,
            Err((at, why)) => {
                let (n, _) = good.remove(at);
                refused.borrow_mut().push((n, CommitAnswer::Failed(why)));
            }
        }
    }
}

/// Sends statements behind each other without waiting for their answers, and COMMIT behind them where it is time.
///
/// PostgreSQL turns the COMMIT of a transaction in which a statement failed into a rollback. A statement that could
/// not even be sent would not be noticed by it, so COMMIT goes out only once all of them have.
async fn send(link: &Link, calls: &[Call<'_>], commit: Option<&Cell<bool>>) -> Result<(), Bad> {
    let mut statements = Vec::with_capacity(calls.len());
    for (sql, _) in calls {
        statements.push(link.statement(sql).await?);
    }
    let all = try_join_all(calls.iter().zip(&statements).map(async |((_, columns), statement)| {
        let values: Vec<_> = columns.iter().map(AsRef::as_ref).collect();
        link.client().execute(statement, &values).await
    }));
    let mut all = pin!(all);
    let Some(sent) = commit else {
        all.await?;
        return Ok(());
    };
    match poll_fn(|cx| Poll::Ready(all.as_mut().poll(cx))).await {
        Poll::Ready(Err(e)) => Err(e.into()),
        Poll::Ready(Ok(_)) => {
            sent.set(true);
            link.run("COMMIT").await
        }
        Poll::Pending => {
            sent.set(true);
            let (written, committed) = join(all, link.run("COMMIT")).await;
            written?;
            committed
        }
    }
}
