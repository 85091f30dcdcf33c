//! The same of a schema of a PostgreSQL: its tables are copied after some of the run's commits, without their rules, so
//! that every damage can be done.

use crate::left::watched;
use ownpg::shared;
use store::{Address, Postgres};
use verify::{Evidence, Schema};

fn sql(text: &str) -> String {
    shared().unwrap().sql(text).unwrap()
}

fn found(url: &str, name: &str) -> bool {
    let schema = Schema { url: url.to_owned(), password: None, name: name.to_owned() };
    match Evidence::read_postgres(&schema) {
        Ok(read) => !read.damaged.is_empty() || read.totals.iter().any(|(_, kept, found)| kept != found),
        Err(_) => true,
    }
}

fn tables(schema: &str) -> Vec<String> {
    let names = sql(&format!(
        "SELECT tablename FROM pg_tables WHERE schemaname = '{schema}' AND tablename <> 'schema_version' ORDER BY 1"
    ));
    names.lines().map(str::to_owned).collect()
}

#[test]
fn a_changed_bit_of_any_column_of_a_postgresql_is_found_and_so_is_a_row_that_is_gone() {
    let address = Address::parse(&shared().unwrap().fresh()).unwrap();
    let of = address.schema().to_owned();
    let copied = of.clone();
    watched(Postgres::open(&address).unwrap(), move |n| {
        if n % 40 != 0 {
            return;
        }
        let mut make = format!("CREATE SCHEMA {copied}_{n};");
        for table in tables(&copied).iter().map(String::as_str).chain(["schema_version"]) {
            make += &format!("CREATE TABLE {copied}_{n}.{table} AS TABLE {copied}.{table};");
        }
        sql(&make);
    });
    let url = address.plain();
    let names =
        sql(&format!("SELECT nspname FROM pg_namespace WHERE nspname LIKE '{of}\\_%' ORDER BY oid DESC"));
    let copies: Vec<&str> = names.lines().collect();
    assert!(copies.len() > 3 && !found(&url, copies[0]), "as the run left it: {copies:?}");
    let (mut damaged, mut empty) = (0, Vec::new());
    for table in tables(&of) {
        let full = copies.iter().find(|copy| sql(&format!("SELECT count(*) FROM {copy}.{table}")) != "0");
        let Some(copy) = full else {
            empty.push(table);
            continue;
        };
        let columns = sql(&format!(
            "SELECT column_name || ' ' || data_type FROM information_schema.columns
             WHERE table_schema = '{copy}' AND table_name = '{table}'"
        ));
        // Each damage undoes itself when it is done again, but for what was nothing and becomes something.
        for (column, of) in columns.lines().filter_map(|line| line.split_once(' ')) {
            let bad = match of {
                "text" => {
                    format!("coalesce(nullif(chr(ascii({column}) # 1) || substr({column}, 2), chr(1)), 'x')")
                }
                "bytea" => format!("set_bit({column}, 0, 1 - get_bit({column}, 0))"),
                _ => format!("coalesce({column} # 1, 1)"),
            };
            let at = sql(&format!("SELECT ctid FROM {copy}.{table} LIMIT 1"));
            sql(&format!("CREATE TABLE {copy}.kept AS SELECT * FROM {copy}.{table} WHERE ctid = '{at}'"));
            let change =
                format!("UPDATE {copy}.{table} SET {column} = {bad} WHERE ctid = '{at}' RETURNING ctid");
            let at = sql(&change);
            assert!(found(&url, copy), "{table}.{column} was damaged");
            sql(&format!("DELETE FROM {copy}.{table} WHERE ctid = '{}'", at.lines().next().unwrap()));
            assert!(found(&url, copy), "{table}: a row is gone");
            sql(&format!("INSERT INTO {copy}.{table} SELECT * FROM {copy}.kept; DROP TABLE {copy}.kept"));
            damaged += 1;
        }
        assert!(!found(&url, copy), "all of {table} was put back");
    }
    assert!(damaged > 70, "{damaged} columns; nothing stood in {empty:?}");
}
