//! `restow admin list`: tables for people, one object a line for programs.

use restow::service::protocol::admin::{ListRequest, ListSubject};
use restow::{Clock as _, SystemClock, UnixTime};
use serde_json::Value;

use super::{
    Context, Exit, Failure,
    client::{Client, JsonMembers},
    print_object, values,
};
use crate::args::AdminList;
use crate::output::{Table, Ui, short_id};

/// Members that are times (docs/service-protocol.md §6).
const TIME_MEMBERS: [&str; 15] = [
    "at",
    "created",
    "expires",
    "from",
    "issued",
    "last_seen",
    "link_expires",
    "not_before",
    "redeemed",
    "registered",
    "release_at",
    "released_at",
    "revoked",
    "until",
    "withdrawn",
];

pub(super) fn run(context: &Context, args: &AdminList) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let client = Client::from_operator(&args.operator)?;
    let holder = args.holder.as_deref().map(|prefix| super::ids::find_holder(&client, prefix)).transpose()?;
    let mut is_empty = true;
    let request = ListRequest { holder, search: args.search.clone(), ..ListRequest::new(args.what) };
    client.list(request, |rows| {
        is_empty &= rows.is_empty();
        print_rows(ui, args.what, rows);
        !ui.is_closed()
    })?;
    if is_empty {
        ui.print("admin-none", values![]);
    }
    Ok(Exit::Done)
}

/// Returns the type of the objects of a list, and the columns of its table.
const fn describe(what: ListSubject) -> (&'static str, &'static [&'static str]) {
    match what {
        ListSubject::Licenses => (
            "listed_license",
            &[
                "column-license",
                "column-holder",
                "column-computers",
                "column-state",
                "column-rights",
                "column-reference",
                "column-name",
                "column-note",
            ],
        ),
        ListSubject::Computers => (
            "listed_computer",
            &[
                "column-computer",
                "column-holder",
                "column-licenses",
                "column-registered",
                "column-seen",
                "column-state",
                "column-called",
            ],
        ),
        ListSubject::Holders => (
            "listed_holder",
            &["column-holder", "column-computers", "column-licenses", "column-since", "column-reference"],
        ),
        ListSubject::Offers => (
            "listed_offer",
            &[
                "column-offer",
                "column-licenses",
                "column-made",
                "column-for",
                "column-state",
                "column-reference",
                "column-note",
            ],
        ),
        ListSubject::Audit => (
            "audit_entry",
            &["column-when", "column-who", "column-what", "column-holder", "column-about", "column-detail"],
        ),
    }
}

fn print_rows(ui: &Ui, what: ListSubject, rows: &[JsonMembers]) {
    let (object_type, columns) = describe(what);
    if ui.is_json() {
        for row in rows {
            let row: JsonMembers = row.iter().map(|(name, value)| (name.clone(), format_dates(name, value))).collect();
            print_object!(ui, object_type, &row);
        }
        return;
    }
    let mut table = Table::new(ui.texts(), columns);
    for row in rows {
        let row = ListRow(row);
        table.row(match what {
            ListSubject::Licenses => license_cells(ui, &row),
            ListSubject::Computers => computer_cells(ui, &row),
            ListSubject::Holders => {
                let references = row.0.get("references").and_then(Value::as_array);
                let references = references.into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
                vec![
                    row.short("holder"),
                    row.count("computers"),
                    row.count("licenses"),
                    row.time(ui, "created"),
                    references.join(", "),
                ]
            }
            ListSubject::Offers => offer_cells(ui, &row),
            ListSubject::Audit => audit_cells(ui, &row),
        });
    }
    if !table.is_empty() {
        ui.print_table(&table);
    }
}

fn license_cells(ui: &Ui, row: &ListRow<'_>) -> Vec<String> {
    let is_offered = row.string("holder").is_empty();
    let license_state = || ui.text(if is_offered { "admin-license-offered" } else { "admin-license-held" }, values![]);
    let state = match (row.timestamp("revoked"), row.timestamp("expires")) {
        (Some(at), _) => ui.text("admin-license-revoked", values![at = ui.time(at)]),
        (None, Some(at)) => ui.text("admin-license-until", values![state = license_state(), at = ui.time(at)]),
        (None, None) => license_state(),
    };
    let computers = format!("{}/{}", row.count("computers"), row.count("limit"));
    vec![
        row.short("license"),
        row.short("holder"),
        computers,
        state,
        format_rights(ui, row),
        row.string("reference").to_owned(),
        row.string("title").to_owned(),
        row.string("note").to_owned(),
    ]
}

/// Formats the rights as `admin issue --right` takes them.
fn format_rights(ui: &Ui, row: &ListRow<'_>) -> String {
    let Some(Value::Object(rights)) = row.0.get("rights") else { return String::new() };
    let right = |(name, limits): (&String, &Value)| {
        let count = limits.get("count").and_then(Value::as_u64).map(|count| format!("={count}")).unwrap_or_default();
        let is_timed = ["from", "until", "first_use_seconds"].iter().any(|limit| limits.get(*limit).is_some());
        let right = format!("{name}{count}");
        if is_timed { ui.text("admin-right-timed", values![right = right]) } else { right }
    };
    rights.iter().map(right).collect::<Vec<_>>().join(" ")
}

fn computer_cells(ui: &Ui, row: &ListRow<'_>) -> Vec<String> {
    let state = match (row.timestamp("released_at"), row.timestamp("release_at")) {
        (Some(at), _) => ui.text("admin-computer-released", values![at = ui.time(at)]),
        (None, Some(at)) => ui.text("computer-releasing", values![at = ui.time(at)]),
        (None, None) if row.flag("by_time") => ui.text("admin-computer-by-time", values![]),
        (None, None) if row.flag("confirmed") => ui.text("word-confirmed", values![]),
        (None, None) => ui.text("word-unconfirmed", values![]),
    };
    vec![
        row.short("computer"),
        row.short("holder"),
        row.count("licenses"),
        row.time(ui, "registered"),
        row.time(ui, "last_seen"),
        state,
        row.string("name").to_owned(),
    ]
}

fn offer_cells(ui: &Ui, row: &ListRow<'_>) -> Vec<String> {
    let bound = match row.string("bound_to") {
        "" => ui.text("admin-offer-anyone", values![]),
        holder => short_id(holder),
    };
    let state = match (row.timestamp("redeemed"), row.timestamp("withdrawn"), row.timestamp("link_expires")) {
        (Some(at), ..) => ui.text("admin-offer-redeemed", values![at = ui.time(at), holder = row.short("redeemed_by")]),
        (None, Some(at), _) => ui.text("admin-offer-withdrawn", values![at = ui.time(at)]),
        (None, None, Some(at)) if at <= SystemClock.now() => ui.text("admin-offer-expired", values![at = ui.time(at)]),
        (None, None, Some(at)) => ui.text("admin-offer-until", values![at = ui.time(at)]),
        (None, None, None) => ui.text("admin-offer-open", values![]),
    };
    vec![
        row.short("offer"),
        row.count("licenses"),
        row.time(ui, "created"),
        bound,
        state,
        row.string("reference").to_owned(),
        row.string("note").to_owned(),
    ]
}

fn audit_cells(ui: &Ui, row: &ListRow<'_>) -> Vec<String> {
    let actor = match row.string("who") {
        "operator" => ui.text("admin-who-operator", values![]),
        "time" => ui.text("admin-who-time", values![]),
        "unknown" => ui.text("admin-who-unknown", values![]),
        computer => short_id(computer),
    };
    let action = row.string("what");
    let action = ui.texts().find(&format!("admin-did-{action}"), values![]).unwrap_or_else(|| action.to_owned());
    let about = [row.short("license"), row.short("computer")].into_iter().find(|id| !id.is_empty());
    let detail = row.string("detail").to_owned();
    vec![row.time(ui, "at"), actor, action, row.short("holder"), about.unwrap_or_default(), detail]
}

/// One row. A missing member is empty.
struct ListRow<'a>(&'a JsonMembers);

impl ListRow<'_> {
    fn string(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the prefix of an ID. Commands accept it as the ID.
    fn short(&self, name: &str) -> String {
        short_id(self.string(name))
    }

    fn count(&self, name: &str) -> String {
        self.0.get(name).and_then(Value::as_u64).unwrap_or_default().to_string()
    }

    fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    fn timestamp(&self, name: &str) -> Option<UnixTime> {
        self.0.get(name)?.as_i64()
    }

    fn time(&self, ui: &Ui, name: &str) -> String {
        self.timestamp(name).map(|at| ui.time(at)).unwrap_or_default()
    }
}

/// Formats the times of a member as RFC 3339.
fn format_dates(name: &str, value: &Value) -> Value {
    match value {
        Value::Number(number) if TIME_MEMBERS.contains(&name) => {
            number.as_i64().map_or_else(|| value.clone(), |at| Value::String(restow::rfc3339(at)))
        }
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), format_dates(name, value))).collect())
        }
        other => other.clone(),
    }
}
