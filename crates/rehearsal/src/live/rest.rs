//! Waiting until everything is at rest.

use crate::live::error::LiveError;
use crate::live::hub_api::{Complete, HubApi, Load};
use crate::live::lab_api::{Idle, LabApi};
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(3);
/// Without any movement for so long it will not move any more.
const STUCK: Duration = Duration::from_secs(240);

/// Waits until hub and look-alikes are at rest: the hub is, then the look-alikes are, then the hub still is and
/// has written nothing meanwhile. One alone may be at rest while the other is about to call it. Where the hub asks its
/// systems for what they did not post, it must have done so since all fell silent.
pub(crate) async fn at_rest(hub: &HubApi, lab: &LabApi) -> Result<Load, LiveError> {
    let mut seen: Option<(u64, u64, Idle)> = None;
    let mut moved = Instant::now();
    let mut idle = Idle::default();
    let mut silent: Option<(u64, i64)> = None;
    loop {
        let before = hub.load().await?;
        if before.at_rest {
            idle = lab.idle().await?;
            if idle.at_rest() {
                let after = hub.load().await?;
                let since = match silent {
                    Some((pos, since)) if pos == after.pos => since,
                    _ => silent.insert((after.pos, now_ms())).1,
                };
                let asked = match hub.complete_up_to().await? {
                    Complete::NothingAsked => true,
                    Complete::NotYet => false,
                    Complete::UpTo(at) => at.0 > since,
                };
                if after.at_rest && after.pos == before.pos && asked {
                    return if idle.failed == 0 {
                        Ok(after)
                    } else {
                        Err(LiveError::GivenUp { failed: idle.failed })
                    };
                }
            }
        }
        let now = Some((before.pos, before.commands, idle));
        if seen != now {
            seen = now;
            moved = Instant::now();
        } else if moved.elapsed() > STUCK {
            return Err(LiveError::Stuck { hub: format!("{before:?}"), lookalikes: format!("{idle:?}") });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
