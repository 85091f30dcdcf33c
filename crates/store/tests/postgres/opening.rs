//! What a store says before it has begun.

use crate::make::{LONG, NOW};
use crate::{fresh, open};
use ownpg::{GUARDED, PASSWORD, USER, shared};
use store::{Address, Postgres, Store, StoreError};

fn sql(text: &str) -> String {
    shared().unwrap().sql(text).unwrap()
}

fn refused(address: &Address) -> StoreError {
    Postgres::open(address).unwrap_err()
}

#[test]
fn a_password_is_needed_used_and_never_shown() {
    let schema = fresh().schema().to_owned();
    let address = Address::parse(&shared().unwrap().address(GUARDED, &schema)).unwrap();
    let none = refused(&address);
    assert!(none.code == "denied" && none.remedy.contains("password="), "{none}");
    let wrong = address.clone().with_password("hush-hush-wrong");
    let said = refused(&wrong);
    assert_eq!(said.code, "denied", "{said}");
    assert!(said.place.contains(&schema) && said.place.contains(GUARDED), "{said}");
    let right = address.with_password(PASSWORD);
    let mut store = open(&right);
    store.claim(0, "one", NOW, LONG).unwrap();
    for shown in [format!("{store:?}"), format!("{said:?} {said}"), format!("{:?}", store.reader().map(drop))]
    {
        assert!(!shown.contains("hush-hush"), "{shown}");
    }
}

#[test]
fn where_there_is_no_server_or_database_is_told() {
    let away = Address::parse("postgres://joe:hush@127.0.0.1:1/x").unwrap();
    let said = refused(&away);
    assert_eq!(said.code, "lost");
    assert!(said.place.contains("joe@127.0.0.1:1/x") && !said.to_string().contains("hush"), "{said}");
    let none = shared().unwrap().address(USER, "x").replace("/postgres?", "/nowhere?");
    assert_eq!(refused(&Address::parse(&none).unwrap()).code, "missing");
}

#[test]
fn a_server_that_may_lose_commits_is_refused_unless_that_is_meant() {
    sql("CREATE ROLE lax LOGIN SUPERUSER; ALTER ROLE lax SET synchronous_commit = off");
    let lax = shared().unwrap().address("lax", fresh().schema());
    let said = refused(&Address::parse(&lax).unwrap());
    assert_eq!(said.code, "unsafe");
    assert!(said.what.contains("synchronous_commit is off") && said.remedy.contains("durable=off"), "{said}");
    let mut meant = open(&Address::parse(&format!("{lax}&durable=off")).unwrap());
    assert_eq!(meant.claim(0, "one", NOW, LONG).unwrap().epoch, 1);
    let server = ownpg::Server::start(&["fsync = off"]).unwrap();
    let said = refused(&Address::parse(&server.fresh()).unwrap());
    assert!(said.code == "unsafe" && said.what.contains("fsync is off"), "{said}");
}

#[test]
fn schemas_of_others_and_of_later_releases_are_left_alone() {
    let address = fresh();
    let schema = address.schema();
    assert_eq!(Postgres::open_reader(&address).unwrap_err().code, "missing");
    sql(&format!("CREATE SCHEMA {schema}; CREATE TABLE {schema}.theirs (x int)"));
    assert_eq!(refused(&address).code, "foreign");
    sql(&format!("CREATE TABLE {schema}.schema_version (id int)"));
    assert_eq!(refused(&address).code, "foreign", "another tool's table of versions");
    assert_eq!(Postgres::open_reader(&address).unwrap_err().code, "foreign");
    assert_eq!(Postgres::remove(&address).unwrap_err().code, "foreign");
    assert_eq!(sql(&format!("SELECT count(*) FROM pg_tables WHERE schemaname = '{schema}'")), "2");

    let address = fresh();
    let schema = address.schema();
    drop(open(&address));
    drop(open(&address));
    assert_eq!(
        sql(&format!("SELECT version FROM {schema}.schema_version")),
        "1\n2",
        "a second start changes nothing"
    );
    sql(&format!("INSERT INTO {schema}.schema_version VALUES ('crossdock', 99)"));
    assert_eq!(refused(&address).code, "too_new");
    assert_eq!(Postgres::open_reader(&address).unwrap_err().code, "too_new");
    sql(&format!("UPDATE {schema}.schema_version SET version = 0 WHERE version = 99"));
    sql(&format!("DELETE FROM {schema}.schema_version WHERE version > 0"));
    assert_eq!(Postgres::open_reader(&address).unwrap_err().code, "too_old");
    sql(&format!("UPDATE {schema}.schema_version SET version = 2"));
    Postgres::remove(&address).unwrap();
    assert_eq!(Postgres::open_reader(&address).unwrap_err().code, "missing");
}

#[test]
fn hubs_that_start_at_once_make_the_tables_once() {
    let address = fresh();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| open(&address));
        }
    });
    assert_eq!(sql(&format!("SELECT count(*) FROM {}.schema_version", address.schema())), "2");
}

#[test]
fn damaged_rows_are_named() {
    use crate::make::{Owner, load, order};
    let address = fresh();
    let mut store = open(&address);
    let mut owner = Owner::claim(&mut store, 0);
    let mut m = owner.make();
    m.open(order("1"), &"long enough to be packed ".repeat(40));
    owner.commit(&mut store, m);
    let mut reader = store.reader().unwrap();
    assert!(load(&mut *reader, 0, &order("1")).is_some());
    sql(&format!("UPDATE {}.cases SET body = substr(body, 1, 20)", address.schema()));
    let error = reader.load(0, &[hub::batch::Key::Case(order("1"))]).unwrap_err();
    assert_eq!(error.code, "damaged");
    assert!(error.what.contains("acme/order/1") && error.place.contains(address.schema()), "{error}");
    sql(&format!("DELETE FROM {}.journal", address.schema()));
    let error = reader.scan(0, store::Scan::JournalOf(1), 0, 9).unwrap_err();
    assert!(error.what.contains("journal row 1 of case 1 is missing"), "{error}");
}
