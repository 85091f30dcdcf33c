//! What every field of a manifest means, as data beside the parser. A test holds it against the fields that the parser
//! asks for, and `connectors/README.md` is written from it, so that no field is undocumented and none is documented
//! that does not exist.

/// One table of a manifest.
struct Table {
    /// As it is written: `[op.NAME.find]`, `[[event]]`, or `signature = { … }` for one that stands inline.
    written: &'static str,
    about: &'static str,
    fields: &'static [Field],
}

/// Name, type, what it is when left out, meaning. The default `!` marks a field that must be there.
struct Field(&'static str, &'static str, &'static str, &'static str);

const JQ: &str = "jq";
const TEXT: &str = "text";
const SPAN: &str = "span";
const HOLES: &str = "text with holes";
const NAMES: &str = "list of text";

const CALL: [Field; 8] = [
    Field("get", HOLES, "", "the path of a GET; one of the five methods must be there"),
    Field("post", HOLES, "", "the path of a POST"),
    Field("put", HOLES, "", "the path of a PUT"),
    Field("patch", HOLES, "", "the path of a PATCH"),
    Field("delete", HOLES, "", "the path of a DELETE"),
    Field("query", JQ, "", "an object: the query's members; null ones are left out"),
    Field("body", "jq or `\"args\"`", "no body", "what is sent; `\"args\"` is the arguments as they came"),
    Field("headers", "table of text with holes", "", "headers of this call alone"),
];

const TABLES: &[Table] = &[
    Table {
        written: "connector.toml",
        about: "The manifest itself.",
        fields: &[
            Field("name", TEXT, "!", "the folder's name"),
            Field(
                "roles",
                NAMES,
                "!",
                "roles that it plays, at least one: erp, oms, wms, payments, storefront, returns, …",
            ),
            Field("support", "`certified` `recorded` `documented`", "!", "how far it was tried, see above"),
            Field("version", "table", "", "the vendor's interface version"),
            Field("conf", "table", "", "settings that a connection brings, by name"),
            Field(
                "secret",
                "table",
                "",
                "secrets that a connection brings, by name; while one is replaced it holds `new old`",
            ),
            Field("map", "table", "", "value maps, by name"),
            Field("http", "table", "", "how the system is reached; needed where it is called at all"),
            Field("limits", "table", "", "how much it may be asked at once"),
            Field("classify", "list of tables", "", "what answers mean: the first rule that matches"),
            Field("op", "table", "", "operations, by canonical name"),
            Field("intake", "table", "", "what holds for all messages that come in"),
            Field("event", "list of tables", "", "what a message means; every one that holds is made"),
            Field("poll", "table", "", "questions for what the system should have posted, by name"),
            Field("list", "table", "", "questions for what the system says it has, by kind"),
        ],
    },
    Table {
        written: "[version]",
        about: "",
        fields: &[
            Field("api", TEXT, "!", "as the vendor names it"),
            Field("sunset", "day", "", "from when on the vendor no longer answers it, `2027-04-01`"),
        ],
    },
    Table {
        written: "[conf] NAME = { … }",
        about: "A setting, or in `[secret]` a secret; `NAME = \"what it is\"` is one that must be there.",
        fields: &[
            Field("about", TEXT, "!", "what it is, for whoever fills it in"),
            Field("optional", "true or false", "false", "whether the connector works without it"),
        ],
    },
    Table {
        written: "[map.NAME]",
        about: "What a vendor's words mean in a list of canonical codes, for `mapped(\"NAME\"; …)`.",
        fields: &[
            Field("kind", TEXT, "!", "the list of codes (`crossdock codes`)"),
            Field("about", TEXT, "!", "what it translates"),
            Field(
                "values",
                "table of text",
                "",
                "what ships; a connection's own entries come first, `\"*\"` is every other value",
            ),
        ],
    },
    Table {
        written: "[http]",
        about: "",
        fields: &[
            Field(
                "base",
                HOLES,
                "!",
                "what every path is appended to; `{conf.url}` is the connection's address",
            ),
            Field("encode", "`json` `form` `none`", "json", "how bodies are written"),
            Field(
                "headers",
                "table of text with holes",
                "",
                "headers of every call; secrets stand here and nowhere else",
            ),
            Field("timeout", SPAN, "30s", "how long an answer is waited for"),
        ],
    },
    Table {
        written: "[limits]",
        about: "Each may be `{ conf = \"name\", default = … }`, so that a connection can set it.",
        fields: &[
            Field("rate", "`90/s`, `6000/5m`", "none", "calls in a span of time"),
            Field("in_flight", "number", "8", "calls under way at the same time"),
            Field("cost", "table", "", "a budget that answers tell of"),
        ],
    },
    Table {
        written: "rate = { … }, in_flight, settle, every, overlap",
        about: "A value that a connection may set.",
        fields: &[
            Field("conf", TEXT, "!", "the setting"),
            Field("default", "as the value", "of the value", "where the connection does not set it"),
        ],
    },
    Table {
        written: "cost = { … }",
        about: "",
        fields: &[
            Field("left", JQ, "!", "what is left of the budget, over an answer"),
            Field("restore", JQ, "!", "how much of it comes back in a second"),
            Field("keep", "number", "!", "below it the system is left alone"),
        ],
    },
    Table {
        written: "[[classify]]",
        about: "`status` or `when` must be there. Without a rule that matches, 2xx is done, 401 and 403 are unauthorised, 429 is throttled (with `Retry-After`), anything else is unknown.",
        fields: &[
            Field("status", "list of numbers", "all", "statuses for which it is asked"),
            Field("when", JQ, "always", "over the answer"),
            Field(
                "class",
                "`done` `accepted` `refused` `throttled` `unknown` `unauthorised` `fault` `again`",
                "!",
                "what it means; `again`: find, and go on from there; `fault`: our own bug, for a person",
            ),
            Field("code", JQ, "", "a stable code"),
            Field("message", JQ, "", "the vendor's words"),
        ],
    },
    Table {
        written: "[op.NAME]",
        about: "",
        fields: &[
            Field("role", TEXT, "the only role", "whose operation it is"),
            Field("idempotency", "table", "!", "what keeps a second sending from doing it twice"),
            Field("lookup", "table", "", "values by call, before all else, by name; seen as `.lookup.NAME`"),
            Field("find", "table", "", "how what was done is looked up; seen as `.found`"),
            Field(
                "stage",
                "list of tables",
                "!",
                "calls in order, at most six: the first that is not done is made",
            ),
            Field(
                "settle",
                SPAN,
                "!",
                "with a find: longest execution plus index lag; only after it absence is proof",
            ),
            Field("give_up", SPAN, "24h", "after it a person looks"),
            Field("timeout", SPAN, "of [http]", "how long an answer is waited for"),
            Field("accepted_if", JQ, "", "the verdict comes later"),
            Field("refused_if", JQ, "", "what is found says that it was refused"),
            Field("refused_code", JQ, "", "with which code"),
            Field(
                "result",
                "jq or `\"body\"`",
                "!",
                "what the process is told; `\"body\"` is the answer as it is, without a find",
            ),
        ],
    },
    Table {
        written: "idempotency = { … }",
        about: "",
        fields: &[
            Field(
                "by",
                "`key` `reference` `state` `name` `none`",
                "!",
                "`key`: the vendor knows a repeat; `reference`: looked up by our reference; `state`: read, compared, set; `name`: written under our id, freely repeated; `none`: a person decides",
            ),
            Field("header", TEXT, "", "the header that carries the key"),
            Field("keeps", SPAN, "!", "by key: how long the vendor remembers one"),
        ],
    },
    Table {
        written: "a call",
        about: "These stand in each `lookup`, `find`, `stage` and `poll`.",
        fields: &CALL,
    },
    Table {
        written: "[op.NAME.lookup.NAME]",
        about: "A call, and",
        fields: &[
            Field("take", JQ, "!", "the value, over the answer"),
            Field("absent", "`refused:CODE`", "a fault", "refuses the command where there is none"),
        ],
    },
    Table {
        written: "[op.NAME.find]",
        about: "A call, and",
        fields: &[
            Field(
                "page",
                JQ,
                "one page",
                "what the next page is asked with, null at the end: added to the query, seen as `.page`",
            ),
            Field("match", JQ, "the body", "the thing itself, over a page; two matches: a person looks"),
            Field(
                "gather",
                JQ,
                "",
                "in place of `match`: everything that it gives, over all pages, is found as one list",
            ),
            Field("absent_if", JQ, "", "over the answer: it is not there"),
            Field("none_if", JQ, "", "over what was found: it is not among it"),
            Field(
                "first",
                "true or false",
                "false",
                "looked for before a first send too; by `state` it always is",
            ),
        ],
    },
    Table {
        written: "[[op.NAME.stage]]",
        about: "A call, and",
        fields: &[
            Field("done_if", JQ, "`.found` for the first", "over what is found: nothing is left to do here"),
            Field("found", JQ, "it is looked up", "what is found from now on, over the answer"),
        ],
    },
    Table {
        written: "[intake]",
        about: "",
        fields: &[
            Field("signature", "table", "", "for events without one, and for messages that wake polls"),
            Field("dedupe", "jq, or list of JSON pointers", "", "for events without one"),
            Field("topic", JQ, "", "what a message is about"),
            Field(
                "leaves",
                NAMES,
                "none",
                "topics left alone: answered and not kept when no event is made of them; `*` at the end is anything. Any other is parked with `no_event`",
            ),
            Field("leaves_if", JQ, "", "left alone whatever the topic"),
            Field(
                "wakes",
                NAMES,
                "none",
                "polls that are asked at once upon a message of which no event is made and that is not left alone",
            ),
            Field("wake", "list of tables", "", "the same by condition, asked before `leaves`"),
        ],
    },
    Table {
        written: "[[intake.wake]]",
        about: "",
        fields: &[
            Field(
                "when",
                JQ,
                "!",
                "over the message; where its body is no JSON, over `.headers` and `.path`",
            ),
            Field("polls", NAMES, "!", "polls that are asked at once"),
        ],
    },
    Table {
        written: "signature = { … }",
        about: "",
        fields: &[
            Field(
                "kind",
                "`shopify` `stripe` `standard-webhooks` `token`",
                "!",
                "the scheme; `token`: the secret itself, of senders that sign nothing",
            ),
            Field("header", TEXT, "for `token`: needed", "the header that the secret comes in"),
            Field("secret", "`{secret.NAME}`", "!", "what it is made with"),
            Field("tolerance", SPAN, "5m", "how far a signed time may be off"),
        ],
    },
    Table {
        written: "[[event]]",
        about: "",
        fields: &[
            Field("type", TEXT, "!", "the canonical event"),
            Field("signature", "table", "of [intake]", "what the message bears"),
            Field(
                "dedupe",
                "jq, or list of JSON pointers",
                "of [intake]",
                "the key under which a repeat is known; pointers with `passthrough`",
            ),
            Field(
                "passthrough",
                "true or false",
                "false",
                "the message is a CloudEvent of this type whose `data` is kept as it came",
            ),
            Field("when", JQ, "always", "whether the message means it"),
            Field("map", JQ, "!", "gives the canonical data"),
            Field(
                "name",
                "jq, or list with `passthrough`",
                "!",
                "kind and value of the case: `'[\"order\", .data.order]'`, `[\"order\", \"/data/order\"]`; what follows the kind is joined",
            ),
            Field(
                "otherwise",
                "list",
                "",
                "with `passthrough`: the name where a member of `name` is missing",
            ),
            Field("occurred", JQ, "now", "RFC 3339 with a zone, or Unix seconds"),
            Field(
                "first_counts",
                "true or false",
                "false",
                "a repeat is left alone whatever it says, as a list shows the thing as it is by then; without it, the same key saying something else is an exception",
            ),
        ],
    },
    Table {
        written: "[poll.NAME]",
        about: "A call that sees `.args.cursor`, null for the first ever, and",
        fields: &[
            Field("only_with", TEXT, "always", "a setting without which it is not asked"),
            Field("every", SPAN, "5m", "pause between two runs"),
            Field(
                "overlap",
                SPAN,
                "none",
                "how far before a cursor that is a time (RFC 3339) a run begins: the longest time from a vendor's time stamp until the change is listed",
            ),
            Field("timeout", SPAN, "of [http]", "how long an answer is waited for"),
            Field(
                "items",
                JQ,
                "!",
                "the messages of a page, in order: `{headers?, body}` as each would have been posted",
            ),
            Field("cursor", JQ, "!", "where to go on, a text; null: nothing was new"),
            Field("more", JQ, "false", "whether to ask for the next page at once"),
        ],
    },
    Table {
        written: "[list.KIND]",
        about: "A call that sees `.args.since`, null for all there is, and",
        fields: &[
            Field("only_with", TEXT, "always", "a setting without which it is not asked"),
            Field("timeout", SPAN, "of [http]", "how long an answer is waited for"),
            Field("page", JQ, "one page", "what the next page is asked with; null after the last"),
            Field("none_if", JQ, "false", "whether an answer says that there is nothing"),
            Field("rows", JQ, "!", "what an answer lists, a row each"),
        ],
    },
];

/// Every table and field as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut out = String::new();
    for table in TABLES {
        out.push_str(&format!("\n#### `{}`\n\n", table.written));
        if !table.about.is_empty() {
            out.push_str(&format!("{}\n\n", table.about));
        }
        out.push_str("| field | type | left out | meaning |\n|---|---|---|---|\n");
        for Field(name, kind, default, about) in table.fields {
            let kind = if kind.contains('`') {
                (*kind).to_owned()
            } else {
                kind.replace(JQ, "[jq](#jq-and-what-is-added-to-it)")
            };
            let default = if *default == "!" { "**needed**" } else { default };
            out.push_str(&format!("| `{name}` | {kind} | {default} | {about} |\n"));
        }
    }
    out
}
