//! What holds for every command.

use super::common::run;

const COMMANDS: &[&[&str]] = &[
    &["demo"],
    &["rehearse"],
    &["serve"],
    &["check"],
    &["trace"],
    &["exceptions"],
    &["commands"],
    &["gaps"],
    &["verify"],
    &["lookalikes"],
    &["connector"],
    &["connector", "test"],
    &["connector", "map"],
    &["connector", "list"],
];

#[test]
fn every_command_s_help_has_an_example_and_names_itself() {
    for command in COMMANDS {
        let ran = run(&[command, &["--help"][..]].concat());
        assert_eq!(ran.code, 0, "{command:?}");
        let example = format!("  crossdock {}", command.join(" "));
        let (_, examples) =
            ran.out.split_once("Example:").unwrap_or_else(|| panic!("{command:?} has no example"));
        assert!(examples.contains(&example), "{command:?} has no example of itself:{examples}");
        let version = run(&[command, &["--version"][..]].concat());
        assert!(
            version.code == 0 && version.out.contains(env!("CARGO_PKG_VERSION")),
            "{command:?}: {version:?}"
        );
        let short = run(&[command, &["-h"][..]].concat());
        assert!(short.code == 0 && short.out.contains("Example:"), "{command:?}");
    }
}

#[test]
fn help_lists_every_command_and_nothing_else_runs() {
    let help = run(&["--help"]);
    assert_eq!(help.code, 0);
    for command in COMMANDS {
        assert!(help.out.contains(command[0]), "{command:?} is not in\n{}", help.out);
    }
    let version = run(&["--version"]);
    assert_eq!((version.code, version.out.trim()), (0, concat!("crossdock ", env!("CARGO_PKG_VERSION"))));
    for nothing in [&[][..], &["unload"], &["connector"], &["connector", "unload"]] {
        let ran = run(nothing);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{nothing:?}");
        assert!(ran.err.contains("Usage:"), "{ran:?}");
    }
}

#[test]
fn unknown_flags_and_missing_ones_are_told_and_exit_with_2() {
    for command in COMMANDS {
        let ran = run(&[command, &["--colour"][..]].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{command:?}");
        assert!(ran.err.contains("--colour"), "{ran:?}");
    }
    for (wrong, says) in [
        (&["serve"][..], "--data"),
        (&["trace", "x"], "--data"),
        (&["trace", "--data", "x"], "<KEY>"),
        (&["check"], "<ESTATE>"),
        (&["verify"], "--data"),
        (&["rehearse"], "--orders"),
        (&["rehearse", "--orders", "-1"], "-1"),
        (&["rehearse", "--map", "x"], "--trade"),
        (&["rehearse", "--seeds", "3"], "--simulate"),
        (&["rehearse", "--simulate", "--trade", "x"], "--trade"),
        (&["rehearse", "--simulate", "--faults", "some"], "some"),
        (&["serve", "--data", "x", "--estate", "y", "--listen", "here"], "here"),
        (&["exceptions", "--data", "x", "--retry", "0/1", "--replay", "0/1"], "--replay"),
    ] {
        let ran = run(wrong);
        assert!(ran.code == 2 && ran.err.contains(says), "{wrong:?}: {ran:?}");
    }
}

#[test]
fn simulated_trade_runs_from_the_command_line() {
    let arguments = ["rehearse", "--simulate", "--seeds", "2", "--seed", "5", "--orders", "4", "--json"];
    let ran = run(&arguments);
    assert_eq!(ran.code, 0, "{ran:?}");
    let value = ran.json();
    assert_eq!(
        (&value["seeds"], &value["orders"], &value["failed"]),
        (&2.into(), &8.into(), &().into()),
        "{value}"
    );
    assert_eq!(run(&arguments).json()["digest"], value["digest"], "a seed decides everything");
    let twice = run(&[&arguments[..], &["--twice"]].concat());
    assert_eq!((twice.code, &twice.json()["digest"]), (0, &value["digest"]));
}

#[test]
fn simulated_trade_is_the_same_on_sqlite_and_seeds_that_ran_are_not_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let (file, data) = (folder.path().join("seeds"), folder.path().join("data"));
    let (file, data) = (file.to_str().unwrap(), data.to_str().unwrap());
    let arguments = ["rehearse", "--simulate", "--seeds", "3", "--orders", "3", "--json"];
    let memory = run(&arguments).json();
    let kept =
        run(&[&arguments[..], &["--store", "sqlite", "--data", data, "--seeds-file", file]].concat()).json();
    assert_eq!(kept["digest"], memory["digest"], "{kept}");
    let more = ["rehearse", "--simulate", "--seeds", "4", "--orders", "3", "--json", "--seeds-file", file];
    let more = run(&more).json();
    assert_eq!((&more["seeds"], &more["seeds_before"]), (&1.into(), &3.into()), "{more}");
}
