//! Crossdock: a retail integration hub. This is the one binary: wiring, the async driver, the command line.

#![forbid(unsafe_code)]

mod api;
mod command;
mod driver;
mod operate;
mod process_facts;
mod revisions;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Keeps a retailer's systems in step: every order, unit and refund accounted for exactly once.
#[derive(Parser, Debug)]
#[command(name = "crossdock", version, propagate_version = true, arg_required_else_help = true)]
struct Arguments {
    /// Print JSON instead of text; its members are described in docs/cli.md and kept stable.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Starts look-alike vendors and a hub in a fresh folder and sends trade through them.
    Demo(command::demo::Demo),
    /// Runs trade through the hub: a retailer's own file, made-up trade, or seeded simulation with faults.
    Rehearse(command::rehearse::Rehearse),
    /// Runs the hub.
    Serve(command::serve::Serve),
    /// Reads an estate file and says everything that is wrong with it.
    Check(command::check::Check),
    /// Lists canonical codes with their counterparts in X12 and GS1.
    Codes(command::codes::Codes),
    /// Shows the whole journey behind any business id.
    Trace(command::trace::Trace),
    /// Lists what waits for a person.
    Exceptions(command::exceptions::Exceptions),
    /// Lists what is to be done in each system and is not known to be done.
    Commands(command::commands::Commands),
    /// Shows up to when all that each system lists is known, and what it never pushed.
    Gaps(command::gaps::Gaps),
    /// Recomputes the books from the journal and compares them with what every vendor says.
    Verify(command::verify::Verify),
    /// Compares the books with what every system says about itself.
    Reconcile(command::reconcile::Reconcile),
    /// Tests, tries and lists connectors.
    Connector(command::connector::Connector),
    /// Runs the look-alike vendors.
    Lookalikes(command::lookalikes::Lookalikes),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let out = command::Out { json: arguments.json };
    let done = match arguments.command {
        Command::Demo(command) => command.run(out),
        Command::Rehearse(command) => command.run(out),
        Command::Serve(command) => command.run(out),
        Command::Check(command) => command.run(out),
        Command::Codes(command) => command.run(out),
        Command::Trace(command) => command.run(out),
        Command::Exceptions(command) => command.run(out),
        Command::Commands(command) => command.run(out),
        Command::Gaps(command) => command.run(out),
        Command::Verify(command) => command.run(out),
        Command::Reconcile(command) => command.run(out),
        Command::Connector(command) => command.run(out),
        Command::Lookalikes(command) => command.run(out),
    };
    match done {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("crossdock: {problem}");
            ExitCode::from(2)
        }
    }
}
