//! Those who check, tax, carry, tell and serve: the canonical contract's roles that a retailer may do without, and
//! the keeper of stored value.

mod carrier;
mod checks;
mod fraud;
mod giftcards;
mod notifications;
mod road;
mod service;
mod tax;

pub(crate) use carrier::Carrier;
pub(crate) use checks::{Customers, Promotions};
pub(crate) use fraud::Fraud;
pub(crate) use giftcards::Giftcards;
pub(crate) use notifications::Notifications;
pub(crate) use road::Road;
pub(crate) use service::Service;
pub(crate) use tax::Tax;

use crate::base::http::Response;

/// What is put says the same id as its path.
fn same(path: &str, body: &str) -> Result<(), Response> {
    if path == body {
        return Ok(());
    }
    Err(Response::refuse(422, "id_differs", &format!("the path says '{path}', the body '{body}'")))
}

/// What every one of them shares: a desk, an interface, and a configuration of its own where one is named.
macro_rules! vendor {
    ($api:ident $(, $config:ident)?) => {
        fn desk(&self) -> &Desk {
            &self.desk
        }

        fn desk_mut(&mut self) -> &mut Desk {
            &mut self.desk
        }

        fn configure(&mut self, config: &WorldConfig) {
            self.desk.configure(config);
            $(self.config = config.$config.clone();)?
        }

        fn api(&mut self, at: Moment, call: &Call<'_>, _: Fate) -> Response {
            self.$api(at, call).unwrap_or_else(|refusal| refusal)
        }
    };
}
use vendor;

/// For those whom nobody drives by hand and who put nothing off.
macro_rules! idle {
    () => {
        fn lab(&mut self, _: Moment, _: &[&str], _: &Call<'_>) -> Response {
            Response::not_found("it has nothing of its own below _lab")
        }

        fn run(&mut self, _: Moment) {}

        fn agenda(&self) -> AgendaState {
            AgendaState::default()
        }
    };
}
use idle;
