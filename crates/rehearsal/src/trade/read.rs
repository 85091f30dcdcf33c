//! Reading a file of invoice lines through a column map.

use crate::trade::clean;
use crate::trade::clock::{Clock, Day};
use crate::trade::map::{ColumnMap, MapError};
use crate::trade::names::{NameId, Names};
use crate::trade::year::{Class, Invoice, Line, Trade};
use csv::ByteRecord;
use flate2::bufread::MultiGzDecoder;
use retail::time::Time;
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::str::FromStr;

/// Why a file could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// The map asks for what it does not say.
    Map(MapError),
    /// The header line has no such column.
    NoColumn {
        column: String,
        header: String,
    },
    /// A field is not what the map says; `line` counts from 1, the header being the first.
    Field {
        line: u64,
        column: String,
        text: String,
        want: &'static str,
    },
    /// Two lines of one invoice name different customers.
    TwoCustomers {
        line: u64,
        invoice: String,
    },
    /// The file could not be read or is no CSV.
    File(csv::Error),
    Io(std::io::Error),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(e) => e.fmt(f),
            Self::NoColumn { column, header } => write!(
                f,
                "the file has no column '{column}', which the column map names; its header is: {header}"
            ),
            Self::Field { line, column, text, want } => {
                write!(
                    f,
                    "line {line}, column '{column}': '{text}' is not {want}; correct the file or the column map"
                )
            }
            Self::TwoCustomers { line, invoice } => {
                write!(f, "line {line}: invoice {invoice} names another customer than its lines before")
            }
            Self::File(e) => write!(f, "the file cannot be read as CSV: {e}"),
            Self::Io(e) => write!(f, "the file cannot be read: {e}"),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<csv::Error> for ReadError {
    fn from(e: csv::Error) -> Self {
        Self::File(e)
    }
}

impl From<MapError> for ReadError {
    fn from(e: MapError) -> Self {
        Self::Map(e)
    }
}

/// Where the columns stand.
struct Places {
    invoice: usize,
    sku: usize,
    description: usize,
    quantity: usize,
    time: usize,
    unit_price: usize,
    customer: Option<usize>,
    country: Option<usize>,
}

impl Places {
    fn find(map: &ColumnMap, header: &ByteRecord) -> Result<Self, ReadError> {
        let names: Vec<String> =
            header.iter().map(|f| String::from_utf8_lossy(f).trim().to_owned()).collect();
        let at = |column: &str| {
            // A byte order mark stands before the first name.
            let found = names.iter().position(|n| n.trim_start_matches('\u{feff}') == column);
            found.ok_or_else(|| ReadError::NoColumn { column: column.to_owned(), header: names.join(", ") })
        };
        let columns = &map.columns;
        Ok(Self {
            invoice: at(&columns.invoice)?,
            sku: at(&columns.sku)?,
            description: at(&columns.description)?,
            quantity: at(&columns.quantity)?,
            time: at(&columns.time)?,
            unit_price: at(&columns.unit_price)?,
            customer: columns.customer.as_deref().map(at).transpose()?,
            country: columns.country.as_deref().map(at).transpose()?,
        })
    }
}

/// One line of the file as text.
struct Row<'r> {
    record: &'r ByteRecord,
    line: u64,
}

impl Row<'_> {
    /// A field, trimmed. Bytes that are no UTF-8 are shown as replacement characters; a missing field is empty.
    fn text(&self, at: usize) -> std::borrow::Cow<'_, str> {
        match String::from_utf8_lossy(self.record.get(at).unwrap_or_default()) {
            std::borrow::Cow::Borrowed(text) => std::borrow::Cow::Borrowed(text.trim()),
            std::borrow::Cow::Owned(text) => std::borrow::Cow::Owned(text.trim().to_owned()),
        }
    }

    fn wrong(&self, column: &str, at: usize, want: &'static str) -> ReadError {
        ReadError::Field {
            line: self.line,
            column: column.to_owned(),
            text: self.text(at).into_owned(),
            want,
        }
    }
}

struct Reader {
    trade: Trade,
    clock: Clock,
    places: Places,
    numbers: HashMap<Box<str>, u32>,
    /// The last time that was read: most lines repeat it.
    last_time: (String, Time, Day),
}

impl Trade {
    /// Reads a whole file, plain or gzip (told by its first bytes).
    ///
    /// # Errors
    /// Naming the line and the column that cannot be read.
    pub fn read(file: impl Read, map: ColumnMap) -> Result<Self, ReadError> {
        let mut file = BufReader::with_capacity(1 << 16, file);
        let zipped = file.fill_buf().map_err(ReadError::Io)?.starts_with(&[0x1f, 0x8b]);
        if zipped { Self::read_plain(MultiGzDecoder::new(file), map) } else { Self::read_plain(file, map) }
    }

    fn read_plain(file: impl Read, map: ColumnMap) -> Result<Self, ReadError> {
        let delimiter = u8::try_from(map.delimiter).unwrap_or(b',');
        let mut csv = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(file);
        let places = Places::find(&map, csv.byte_headers()?)?;
        let trade = Trade {
            skus: Names::default(),
            customers: Names::default(),
            titles: Names::default(),
            countries: Names::default(),
            invoices: Vec::new(),
            lines: Vec::new(),
            map,
        };
        let clock = trade.map.clock()?;
        let last_time = (String::new(), Time(0), 0);
        let mut reader = Reader { trade, clock, places, numbers: HashMap::new(), last_time };
        let mut record = ByteRecord::new();
        while csv.read_byte_record(&mut record)? {
            let line = record.position().map_or(0, csv::Position::line);
            reader.take(&Row { record: &record, line })?;
        }
        Ok(reader.done())
    }
}

impl Reader {
    fn take(&mut self, row: &Row<'_>) -> Result<(), ReadError> {
        let invoice = self.invoice(row)?;
        let columns = &self.trade.map.columns;
        let places = &self.places;
        let quantity = row.text(places.quantity).parse::<i64>().ok().filter(|q| q.unsigned_abs() < 1 << 40);
        let quantity =
            quantity.ok_or_else(|| row.wrong(&columns.quantity, places.quantity, "a whole number"))?;
        let price = Decimal::from_str(&row.text(places.unit_price)).ok();
        let price =
            price.ok_or_else(|| row.wrong(&columns.unit_price, places.unit_price, "a decimal number"))?;
        let trade = &mut self.trade;
        let sku = trade.skus.id(&clean::sku(&row.text(places.sku), &trade.map.clean));
        let title = trade.titles.id(&row.text(places.description));
        let no = u32::try_from(row.line).unwrap_or(u32::MAX);
        trade.lines.push(Line { no, invoice, sku, title, quantity, price: price.normalize() });
        Ok(())
    }

    fn invoice(&mut self, row: &Row<'_>) -> Result<u32, ReadError> {
        let written = row.text(self.places.invoice);
        if written.is_empty() {
            return Err(row.wrong(&self.trade.map.columns.invoice, self.places.invoice, "an invoice number"));
        }
        let number = clean::id(&written);
        let customer = match self.places.customer {
            Some(at) => self.trade.customers.id(&clean::customer(&row.text(at), &self.trade.map.clean)),
            None => 0,
        };
        // Read on every line, so that a wrong one is told even where the first stamp counts.
        let (at, day) = self.time(row)?;
        if let Some(known) = self.numbers.get(number.as_ref()) {
            let same = self.trade.invoices.get(*known as usize).is_some_and(|i| i.customer == customer);
            let error = || ReadError::TwoCustomers { line: row.line, invoice: number.to_string() };
            return if same { Ok(*known) } else { Err(error()) };
        }
        let country: NameId = self.places.country.map_or(0, |at| self.trade.countries.id(&row.text(at)));
        let rule = &self.trade.map.invoices;
        let adjusts =
            rule.adjustment_prefix.as_deref().is_some_and(|p| !p.is_empty() && number.starts_with(p));
        let class = if number.starts_with(&rule.cancellation_prefix) {
            Class::Cancellation
        } else if adjusts {
            Class::Adjustment
        } else {
            Class::Sale
        };
        let index = u32::try_from(self.trade.invoices.len()).unwrap_or(u32::MAX);
        self.numbers.insert(number.as_ref().into(), index);
        let number = number.as_ref().into();
        self.trade.invoices.push(Invoice { number, class, at, day, customer, country, lines: 0..0 });
        Ok(index)
    }

    fn time(&mut self, row: &Row<'_>) -> Result<(Time, Day), ReadError> {
        let text = row.text(self.places.time);
        if self.last_time.0 != text {
            let want = "a time in the format of the column map";
            let read = self.clock.read(&text);
            let (at, day) =
                read.ok_or_else(|| row.wrong(&self.trade.map.columns.time, self.places.time, want))?;
            self.last_time = (text.into_owned(), at, day);
        }
        Ok((self.last_time.1, self.last_time.2))
    }

    /// Brings the lines of each invoice together: some are torn apart in the file.
    fn done(self) -> Trade {
        let mut trade = self.trade;
        trade.lines.sort_by_key(|l| l.invoice);
        let mut from = 0_usize;
        for (number, invoice) in (0_u32..).zip(&mut trade.invoices) {
            let own = trade.lines.iter().skip(from).take_while(|l| l.invoice == number).count();
            let at = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            invoice.lines = at(from)..at(from + own);
            from += own;
        }
        trade
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const HEADER: &str =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    fn read(rows: &str) -> Result<Trade, ReadError> {
        Trade::read(format!("{HEADER}{rows}").as_bytes(), ColumnMap::online_retail().unwrap())
    }

    const ROWS: &str = "\
536365,85123A, WHITE HEART ,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536366,POST,\"POSTAGE, EU\",1,2010-12-01 08:28:00,18.00,12583.0,France
536365,85123a,WHITE HEART,1,2010-12-01 08:27:00,2.550,17850.0,United Kingdom
C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom
536414,22139,,-56,2010-12-01 11:52:00,0.0,,United Kingdom
A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom
";

    #[test]
    fn lines_of_an_invoice_are_brought_together_and_cleaned() {
        let trade = read(ROWS).unwrap();
        assert_eq!((trade.lines.len(), trade.invoices.len()), (6, 5));
        let first = &trade.invoices[0];
        let order = trade.order(first).unwrap();
        assert_eq!((order.source_id.as_str(), order.customer.as_deref()), ("536365", Some("17850")));
        assert_eq!(order.placed_at, "2010-12-01T08:26:00Z");
        let lines: Vec<_> =
            order.lines.iter().map(|l| (l.sku.as_str(), l.title.as_str(), l.quantity)).collect();
        assert_eq!(lines, [("85123A", "WHITE HEART", 6), ("85123A", "WHITE HEART", 1)]);
        assert_eq!(trade.lines_of(first).iter().map(|l| l.no).collect::<Vec<_>>(), [2, 4]);
        let post = trade.order(&trade.invoices[1]).unwrap();
        assert_eq!((post.lines[0].kind, post.lines[0].unit_price.as_str()), ("shipping", "18"));
        let classes: Vec<Class> = trade.invoices.iter().map(|i| i.class).collect();
        use Class::{Adjustment, Cancellation, Sale};
        assert_eq!(classes, [Sale, Sale, Cancellation, Sale, Adjustment]);
        assert_eq!(trade.order(&trade.invoices[3]), None, "a write-off is no order");
        assert_eq!(trade.order(&trade.invoices[2]), None, "a cancellation is no order");
        assert_eq!(trade.days().iter().map(|(_, i)| i.len()).collect::<Vec<_>>(), [4, 1]);
    }

    #[test]
    fn gzip_is_told_by_its_first_bytes() {
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        zip.write_all(format!("{HEADER}{ROWS}").as_bytes()).unwrap();
        let bytes = zip.finish().unwrap();
        assert_eq!(Trade::read(&*bytes, ColumnMap::online_retail().unwrap()).unwrap().lines.len(), 6);
    }

    #[test]
    fn a_wrong_field_names_line_and_column() {
        for (bad, column) in [
            ("1,A,x,six,2010-12-01 08:26:00,2.55,1,UK\n", "Quantity"),
            ("1,A,x,6,01/12/2010,2.55,1,UK\n", "InvoiceDate"),
            ("1,A,x,6,2010-12-01 08:26:00,2.5.5,1,UK\n", "UnitPrice"),
            (",A,x,6,2010-12-01 08:26:00,2.55,1,UK\n", "InvoiceNo"),
        ] {
            let error = read(&format!("{ROWS}{bad}")).unwrap_err().to_string();
            assert!(error.contains("line 8") && error.contains(column), "{error}");
        }
        let two = "1,A,x,6,2010-12-01 08:26:00,2.55,1,UK\n1,A,x,6,2010-12-01 08:26:00,2.55,2,UK\n";
        assert!(read(two).unwrap_err().to_string().starts_with("line 3: invoice 1 names another customer"));
    }

    #[test]
    fn a_column_that_is_not_there_is_named_with_the_header() {
        let map = ColumnMap::online_retail().unwrap();
        let error = Trade::read("InvoiceNo;Price\n1;2\n".as_bytes(), map).unwrap_err().to_string();
        assert!(error.contains("'InvoiceNo'") && error.contains("InvoiceNo;Price"), "{error}");
    }

    #[test]
    fn another_retailers_file_comes_in_by_its_map() {
        let map = r#"
currency = "EUR"
delimiter = ";"
[columns]
invoice = "Beleg"
sku = "Artikel"
description = "Text"
quantity = "Menge"
time = "Datum"
unit_price = "Preis"
[time]
format = "%d.%m.%Y %H:%M"
offset = "+01:00"
summer = "eu"
[invoices]
cancellation_prefix = "ST-"
[returns]
default_category = "all"
window_days = 14
"#;
        let file = "\u{feff}Datum;Beleg;Artikel;Text;Menge;Preis\n\
                    1.7.2024 10:00;R-1;a1;Stuhl;2;19.90\n\
                    2.7.2024 10:00;ST-1;a1;Stuhl;-1;19.90\n";
        let trade = Trade::read(file.as_bytes(), ColumnMap::parse(map).unwrap()).unwrap();
        let order = trade.order(&trade.invoices[0]).unwrap();
        assert_eq!((order.currency.as_str(), order.placed_at.as_str()), ("EUR", "2024-07-01T08:00:00Z"));
        assert_eq!((order.customer.as_deref(), order.lines[0].category.as_str()), (None, "all"));
        assert_eq!(order.lines[0].sku, "a1", "this map does not join codes that differ in case");
        assert_eq!(trade.invoices[1].class, Class::Cancellation);
    }
}
