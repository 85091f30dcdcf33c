//! Exceptions that come from no case and no command: the driver noticed something, or that it is over.

use crate::batch::ExceptionChange;
use crate::hub::Hub;
use crate::io::Notice;
use crate::process::Process;
use retail::time::Time;

impl<P: Process> Hub<P> {
    /// Goes with the next batch, which is made at once where none is under way.
    pub(crate) fn noticed(&mut self, now: Time, notice: Notice) {
        let Notice { about, code, concern } = notice;
        let pos = self.head.pos;
        let change = match concern {
            Some(wrong) => self.alarm(about, code, wrong.cause, wrong.owner, &wrong.next_step, now, pos),
            None => ExceptionChange::Close { about, code, at: now, pos },
        };
        self.alarms.push(change);
    }
}
