//! What can be chosen at each step of a history.

/// What may happen next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// A message of the script arrives, or arrives again because it was not answered.
    Tell(usize),
    Commit(usize, Written),
    /// An owner that was told nothing about its commit reads where the store stands.
    ReadHead(usize),
    Call(usize, Call),
    /// What nobody waits for any more is carried out after all.
    Late(usize),
    /// Time passes until a hub wants to be woken.
    Pass,
    /// The owner dies and is started again.
    Crash,
    /// The owner stands still until its lease has run out, another claims, and then it goes on.
    TakeOver,
}

/// What becomes of a commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Written {
    Yes,
    Failed,
    UnknownKept,
    UnknownLost,
}

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Call {
    Answered,
    /// It is carried out, and its answer is still on its way.
    Done,
    /// Its answer is lost. Where it was not carried out yet, it may still be.
    Lost,
    Throttled,
    /// A look-up does not see what was just done.
    Lags,
    /// The lease had run out: the driver sends nothing then.
    NotSent,
}
