//! `kill -9` of the hub at seeded moments.

use crate::live::error::LiveError;
use crate::live::lab::{Lab, Processes};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinError, JoinHandle};

/// How often the hub is killed, and what decides when.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Kills {
    pub times: u32,
    pub seed: u64,
}

/// Longest wait between an order and the kill that it triggers.
const DELAY_MS: u64 = 400;

impl Kills {
    /// The moments: after how many orders, and how many milliseconds later. Spread over the whole trade.
    fn moments(self, orders: u64) -> Vec<(u64, u64)> {
        let mut chance = crate::generate::Chance::new(self.seed, 5, u64::from(self.times));
        let times = u64::from(self.times);
        let slot = |n: u64| orders.saturating_mul(n) / times.max(1);
        (0..times)
            .map(|n| (slot(n) + chance.below((slot(n + 1) - slot(n)).max(1)), chance.below(DELAY_MS)))
            .collect()
    }
}

/// The one who kills, and how far it is.
pub(crate) struct Killer {
    task: JoinHandle<Result<(), LiveError>>,
    orders: watch::Sender<u64>,
    killed: watch::Receiver<u32>,
}

impl Killer {
    /// Begins to wait for the moments of a trade with this many orders.
    pub(crate) fn start(lab: &Lab, kills: Kills, orders: u64) -> Self {
        let (tell, told) = watch::channel(0);
        let (count, killed) = watch::channel(0);
        let moments = kills.moments(orders);
        let task = tokio::spawn(kill_all(Arc::clone(&lab.processes), moments, told, count));
        Self { task, orders: tell, killed }
    }

    /// What the feeder tells and reads while it works.
    pub(crate) fn pace(&self) -> Pace {
        Pace { orders: self.orders.clone(), killed: self.killed.clone() }
    }

    /// Does work while the hub is being killed, and waits until the last kill is over. A hub that does not come back
    /// ends the work. Answers what the work came to and how often the hub was killed.
    pub(crate) async fn during<T>(
        self,
        work: impl Future<Output = Result<T, LiveError>>,
    ) -> Result<(T, u32), LiveError> {
        let Self { mut task, orders, killed } = self;
        let mut work = std::pin::pin!(work);
        let done = tokio::select! {
            done = &mut work => {
                // Moments that were not reached are reached now.
                orders.send_replace(u64::MAX);
                over(task.await)?;
                done?
            }
            ended = &mut task => {
                over(ended)?;
                work.await?
            }
        };
        let kills = *killed.borrow();
        Ok((done, kills))
    }
}

fn over(ended: Result<Result<(), LiveError>, JoinError>) -> Result<(), LiveError> {
    ended.map_err(|e| LiveError::Trade(format!("the task that kills the hub broke: {e}")))?
}

/// How far the trade is, told by the feeder; how often the hub was killed, told to it.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    orders: watch::Sender<u64>,
    killed: watch::Receiver<u32>,
}

impl Pace {
    /// So many orders were placed by now.
    pub(crate) fn placed(&self, orders: u64) {
        self.orders.send_replace(orders);
    }

    /// How often the hub was killed by now.
    pub(crate) fn killed(&self) -> u32 {
        *self.killed.borrow()
    }
}

async fn kill_all(
    processes: Arc<Mutex<Processes>>,
    moments: Vec<(u64, u64)>,
    mut orders: watch::Receiver<u64>,
    count: watch::Sender<u32>,
) -> Result<(), LiveError> {
    for (after, delay) in moments {
        // A closed channel means that the trade is over: what is left is done at once.
        orders.wait_for(|placed| *placed > after).await.map(drop).unwrap_or_default();
        tokio::time::sleep(Duration::from_millis(delay)).await;
        processes.lock().await.kill_hub().await?;
        count.send_modify(|n| *n += 1);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_spread_over_the_trade_and_decided_by_the_seed() {
        let kills = Kills { times: 50, seed: 7 };
        let moments = kills.moments(20_000);
        assert_eq!(moments, kills.moments(20_000));
        assert_ne!(moments, Kills { times: 50, seed: 8 }.moments(20_000));
        for (n, (after, delay)) in (0_u64..).zip(&moments) {
            assert!((n * 400..(n + 1) * 400).contains(after) && *delay < DELAY_MS, "{n}: {after} {delay}");
        }
        assert!(Kills::default().moments(10).is_empty());
        assert_eq!(Kills { times: 5, seed: 1 }.moments(2).len(), 5);
    }
}
