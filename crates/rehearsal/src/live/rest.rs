//! Waiting until everything is at rest.

use crate::live::error::LiveError;
use crate::live::hub_api::{HubApi, Load};
use crate::live::lab_api::{Idle, LabApi};
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(3);
/// Without any movement for so long it will not move any more.
const STUCK: Duration = Duration::from_secs(240);

/// Waits until hub and look-alikes are at rest: the hub is, then the look-alikes are, then the hub still is and
/// has written nothing meanwhile. One alone may be at rest while the other is about to call it.
pub(crate) async fn at_rest(hub: &HubApi, lab: &LabApi) -> Result<Load, LiveError> {
    let mut seen: Option<(u64, u64, Idle)> = None;
    let mut moved = Instant::now();
    let mut idle = Idle::default();
    loop {
        let before = hub.load().await?;
        if before.at_rest {
            idle = lab.idle().await?;
            if idle.at_rest() {
                let after = hub.load().await?;
                if after.at_rest && after.pos == before.pos {
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
