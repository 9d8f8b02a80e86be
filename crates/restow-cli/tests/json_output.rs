//! Compares `docs/json-output.md` with the objects in the transcripts of the golden run.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// Presence of a documented field or type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Presence {
    /// In every object of its type.
    Always,
    /// In some objects.
    Optional,
    /// In no transcript.
    Rare,
}

/// Documented value of a field, as far as the test checks it.
#[derive(PartialEq, Eq, Debug)]
enum Content {
    /// No object, and no array with objects.
    Plain,
    /// An object with names that are not fixed.
    Map,
    /// An object of another table, or an array of such objects.
    Table(String),
}

#[derive(Debug)]
struct Field {
    presence: Presence,
    content: Content,
}

/// Fields of a type or part.
#[derive(Debug)]
struct Table {
    is_rare: bool,
    fields: BTreeMap<String, Field>,
}

/// Tables of the document by their heading, such as ``type `file` ``.
type Tables = BTreeMap<String, Table>;

/// Returns the first text between backticks.
fn code(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}

/// Reads the value column. `part` and `parts` name a part, or a type inside of another object.
fn content(value: &str, parts: &BTreeSet<String>) -> Content {
    if value.split([' ', ',']).any(|word| word == "map") {
        return Content::Map;
    }
    let named = value.split("part").nth(1).and_then(code);
    match named {
        Some(name) if parts.contains(name) => Content::Table(format!("part `{name}`")),
        Some(name) => Content::Table(format!("type `{name}`")),
        None => Content::Plain,
    }
}

fn parse(document: &str) -> Tables {
    let headings = || document.lines().filter_map(|line| line.strip_prefix("#### "));
    let parts = headings().filter_map(|line| code(line.strip_prefix("part ")?)).map(str::to_owned).collect();
    let mut tables = Tables::new();
    let mut current = None;
    for line in document.lines() {
        if let Some(heading) = line.strip_prefix("#### ") {
            let is_rare = heading.ends_with("(rare)");
            let name = heading.trim_end_matches("(rare)").trim_end().to_owned();
            let table = Table { is_rare, fields: BTreeMap::new() };
            assert!(tables.insert(name.clone(), table).is_none(), "{name} is documented twice");
            current = Some(name);
        } else if line.starts_with('#') {
            current = None;
        } else if let (Some(name), Some(row)) = (&current, line.strip_prefix("| `")) {
            let cells: Vec<&str> = row.splitn(3, " | ").collect();
            let presence = match cells[1] {
                "always" => Presence::Always,
                "optional" => Presence::Optional,
                "rare" => Presence::Rare,
                other => panic!("{name}: presence {other}"),
            };
            let field = Field { presence, content: content(cells[2], &parts) };
            let known = tables.get_mut(name).unwrap().fields.insert(cells[0].trim_end_matches('`').to_owned(), field);
            assert!(known.is_none(), "{name}: {} is documented twice", cells[0]);
        }
    }
    tables
}

/// Tables and fields that occurred in an object.
#[derive(Default)]
struct Seen {
    tables: BTreeSet<String>,
    fields: BTreeSet<(String, String)>,
}

/// Compares an object with a table, without the member `type`.
///
/// # Errors
/// The first difference.
fn compare(object: &Map<String, Value>, name: &str, tables: &Tables, seen: &mut Seen) -> Result<(), String> {
    let table = tables.get(name).ok_or_else(|| format!("{name} is not documented"))?;
    seen.tables.insert(name.to_owned());
    for (member, value) in object.iter().filter(|(member, _)| *member != "type") {
        let field = table.fields.get(member).ok_or_else(|| format!("{name}: `{member}` is not documented"))?;
        seen.fields.insert((name.to_owned(), member.clone()));
        let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for item in items.iter().filter_map(Value::as_object) {
            match &field.content {
                Content::Plain => return Err(format!("{name}: `{member}` is an object")),
                Content::Map => {}
                Content::Table(part) => compare(item, part, tables, seen)?,
            }
        }
    }
    let missing = |(member, field): &(&String, &Field)| {
        field.presence == Presence::Always && !object.contains_key(member.as_str())
    };
    match table.fields.iter().find(missing) {
        Some((member, _)) => Err(format!("{name}: `{member}` is missing")),
        None => Ok(()),
    }
}

/// Compares an object with the table of its type.
fn check(object: &Map<String, Value>, tables: &Tables, seen: &mut Seen) -> Result<(), String> {
    match object.get("type") {
        Some(Value::String(name)) => compare(object, &format!("type `{name}`"), tables, seen),
        Some(other) => Err(format!("the type is {other}")),
        None => Err("the type is missing".to_owned()),
    }
}

fn document() -> Tables {
    parse(include_str!("../../../docs/json-output.md"))
}

#[test]
fn recorded_objects_match_document() {
    let tables = document();
    let mut seen = Seen::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/transcripts");
    let mut faults = BTreeSet::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines() {
            let result = if let Some(error) = line.strip_prefix("error {") {
                let error: Map<String, Value> = serde_json::from_str(&format!("{{{error}")).unwrap();
                seen.fields.insert(("type `error`".to_owned(), "error".to_owned()));
                seen.tables.insert("type `error`".to_owned());
                compare(&error, "part `error`", &tables, &mut seen)
            } else if line.starts_with('{') {
                check(&serde_json::from_str(line).unwrap(), &tables, &mut seen)
            } else {
                continue;
            };
            if let Err(fault) = result {
                faults.insert(format!("{fault}: {line}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.into_iter().collect::<Vec<_>>().join("\n"));

    let mut unseen = Vec::new();
    let mut stale = Vec::new();
    for (name, table) in &tables {
        let occurs = seen.tables.contains(name);
        // Parts of rare types do not occur either.
        let only_rare = tables.values().all(|other| {
            let uses = |field: &Field| field.content == Content::Table(name.clone());
            other.is_rare || !other.fields.values().any(uses)
        });
        let is_rare = table.is_rare || (name.starts_with("part ") && only_rare);
        if occurs == is_rare {
            let list = if occurs { &mut stale } else { &mut unseen };
            list.push(name.clone());
        }
        for (member, field) in table.fields.iter().filter(|_| occurs) {
            let occurs = seen.fields.contains(&(name.clone(), member.clone()));
            if occurs == (field.presence == Presence::Rare) {
                let list = if occurs { &mut stale } else { &mut unseen };
                list.push(format!("{name}: `{member}`"));
            }
        }
    }
    assert!(unseen.is_empty(), "documented, but in no transcript: {unseen:?}");
    assert!(stale.is_empty(), "marked as rare, but in a transcript: {stale:?}");
}

#[test]
fn document_names_known_parts() {
    let tables = document();
    assert!(tables.len() > 80, "{}", tables.len());
    for (name, table) in &tables {
        assert!(!table.fields.is_empty(), "{name} has no fields");
        for (member, field) in &table.fields {
            if let Content::Table(part) = &field.content {
                assert!(tables.contains_key(part), "{name}: `{member}` names {part}");
            }
        }
    }
    let fields = tables.values().flat_map(|table| table.fields.values());
    let used: BTreeSet<&str> = fields
        .filter_map(|field| match &field.content {
            Content::Table(part) => Some(part.as_str()),
            _ => None,
        })
        .collect();
    let unused: Vec<_> =
        tables.keys().filter(|name| name.starts_with("part ") && !used.contains(name.as_str())).collect();
    assert!(unused.is_empty(), "{unused:?}");
}
