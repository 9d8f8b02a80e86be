//! The arguments. Their help texts are in `i18n/*/restow.ftl`: messages `help…` with one attribute per
//! argument.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgAction, Args as Arguments, Parser, Subcommand};
use restow::Language;
use restow::service::protocol::admin::ListSubject;

#[derive(Parser, Debug)]
#[command(
    name = "restow",
    version,
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Args {
    #[arg(long, value_name = "DIR", global = true, display_order = 900)]
    pub(crate) home: Option<PathBuf>,
    #[arg(long, global = true, display_order = 901)]
    pub(crate) json: bool,
    #[arg(long, global = true, value_parser = parse_language, display_order = 902)]
    pub(crate) lang: Option<Language>,
    #[arg(short, long, action = ArgAction::Help, global = true, display_order = 903)]
    help: Option<bool>,
    #[arg(short = 'V', long, action = ArgAction::Version, display_order = 904)]
    version: Option<bool>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Scan(Scan),
    Files,
    File {
        path: PathBuf,
    },
    Import(Paths),
    Acquire(Acquire),
    Licenses(Licenses),
    Forget(Forget),
    Can(Can),
    Why {
        #[arg(value_name = "FILE|KEYID|LICENSE", allow_hyphen_values = true)]
        target: PathBuf,
    },
    Status,
    Backup(Backup),
    Restore(Restore),
    Backups(Backups),
    Show(Show),
    Export(Export),
    PutBack(PutBack),
    #[command(alias = "check")]
    Verify {
        location: PathBuf,
    },
    Computer {
        #[command(subcommand)]
        action: Option<ComputerAction>,
    },
    Service {
        #[command(subcommand)]
        action: Option<ServiceAction>,
    },
    Provider {
        #[command(subcommand)]
        action: Option<ProviderAction>,
    },
    Renew(Renew),
    Return(Return),
    Refresh(Refresh),
    Roots {
        #[command(subcommand)]
        action: Option<RootsAction>,
    },
    Serve(Serve),
    Admin {
        #[command(subcommand)]
        action: AdminAction,
    },
    Demo(Demo),
}

impl Command {
    /// Returns the backup location that the user named.
    pub(crate) const fn location(&self) -> Option<&PathBuf> {
        match self {
            Self::Backup(args) => Some(&args.location),
            Self::Restore(args) => Some(&args.location),
            Self::Show(args) => Some(&args.location),
            Self::Verify { location } => Some(location),
            Self::Backups(args) => args.location.as_ref(),
            Self::Export(args) => args.location.as_ref(),
            Self::Forget(args) => args.from.as_ref(),
            _ => None,
        }
    }
}

#[derive(Arguments, Debug)]
pub(crate) struct Scan {
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) verbose: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Paths {
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
}

// Set and generation at a location. A doc comment here would become a help text.
#[derive(Arguments, Debug)]
pub(crate) struct SetSelector {
    #[arg(long)]
    pub(crate) set: Option<String>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) generation: Option<u64>,
}

impl SetSelector {
    /// Returns true if the user selected a set or a generation.
    pub(crate) const fn is_given(&self) -> bool {
        self.set.is_some() || self.generation.is_some()
    }

    /// Limits a restore to the selected set and generation.
    pub(crate) fn apply_to(&self, mut restore: restow::restorer::Restore) -> restow::restorer::Restore {
        if let Some(set) = &self.set {
            restore = restore.set(set);
        }
        if let Some(generation) = self.generation {
            restore = restore.generation(generation);
        }
        restore
    }
}

#[derive(Arguments, Debug)]
pub(crate) struct Show {
    pub(crate) location: PathBuf,
    #[command(flatten)]
    pub(crate) selector: SetSelector,
}

#[derive(Arguments, Debug)]
#[command(allow_missing_positional = true)]
pub(crate) struct Export {
    pub(crate) location: Option<PathBuf>,
    #[arg(value_name = "DIR", required = true)]
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) selector: SetSelector,
}

#[derive(Arguments, Debug)]
pub(crate) struct PutBack {
    #[arg(value_name = "DIR|FILE")]
    pub(crate) path: Option<PathBuf>,
    #[arg(long)]
    pub(crate) fetch: bool,
    #[arg(long, allow_hyphen_values = true, requires = "path", conflicts_with = "fetch")]
    pub(crate) license: Option<String>,
    #[arg(long, allow_hyphen_values = true, requires = "license")]
    pub(crate) issuer: Option<String>,
    #[arg(long, conflicts_with_all = ["license", "yes", "fetch"])]
    pub(crate) dry_run: bool,
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Acquire {
    #[arg(value_name = "LINK|FILE|KEYID", required = true)]
    pub(crate) sources: Vec<String>,
    #[arg(long)]
    pub(crate) register: bool,
    #[arg(long, value_parser = parse_not_blank)]
    pub(crate) name: Option<String>,
}

#[derive(Arguments, Debug)]
pub(crate) struct LicenseSelector {
    #[arg(allow_hyphen_values = true)]
    pub(crate) license: String,
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) issuer: Option<String>,
}

#[derive(Arguments, Debug)]
pub(crate) struct Forget {
    #[command(flatten)]
    pub(crate) selector: LicenseSelector,
    #[arg(long, value_name = "LOCATION")]
    pub(crate) from: Option<PathBuf>,
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Can {
    #[arg(value_name = "FILE|KEYID|LICENSE", allow_hyphen_values = true)]
    pub(crate) target: PathBuf,
    #[arg(long, value_name = "RIGHT", default_value = "Play")]
    pub(crate) action: String,
    #[arg(long = "use")]
    pub(crate) count_one: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Backups {
    pub(crate) location: Option<PathBuf>,
    #[arg(long, value_name = "LOCATION", conflicts_with = "location")]
    pub(crate) remove: Option<PathBuf>,
    #[arg(long, requires = "remove")]
    pub(crate) yes: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Backup {
    pub(crate) location: PathBuf,
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[arg(long, value_parser = parse_not_blank)]
    pub(crate) name: Option<String>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) keep: Option<u32>,
    #[arg(long)]
    pub(crate) new: bool,
    #[arg(long)]
    pub(crate) shared: bool,
    #[arg(long, value_name = "LICENSE", allow_hyphen_values = true)]
    pub(crate) include: Vec<String>,
}

#[derive(Arguments, Debug)]
pub(crate) struct Restore {
    pub(crate) location: PathBuf,
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[arg(long, value_name = "LICENSE", value_delimiter = ',', allow_hyphen_values = true)]
    pub(crate) only: Vec<String>,
    #[arg(long)]
    pub(crate) register: bool,
    #[arg(long)]
    pub(crate) ask_providers: bool,
    #[arg(long)]
    pub(crate) adopt: bool,
    #[command(flatten)]
    pub(crate) selector: SetSelector,
    #[arg(long, value_parser = parse_not_blank)]
    pub(crate) name: Option<String>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ComputerAction {
    Show,
    Register(Register),
    Release(ComputerRelease),
    Confirm(OneComputer),
    Refuse(OneComputer),
    WithdrawKey(OneComputer),
}

#[derive(Arguments, Debug)]
pub(crate) struct Register {
    #[arg(allow_hyphen_values = true)]
    pub(crate) service: Option<String>,
    #[arg(long, value_parser = parse_not_blank)]
    pub(crate) name: Option<String>,
}

#[derive(Arguments, Debug)]
pub(crate) struct ComputerRelease {
    #[command(flatten)]
    pub(crate) computer: OneComputer,
    #[arg(long)]
    pub(crate) withdraw_keys: bool,
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct OneComputer {
    #[arg(allow_hyphen_values = true)]
    pub(crate) computer: String,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ServiceAction {
    List,
    Add(ServiceAdd),
    Remove(ServiceRemove),
}

#[derive(Arguments, Debug)]
pub(crate) struct ServiceAdd {
    pub(crate) url: String,
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct ServiceRemove {
    #[arg(allow_hyphen_values = true)]
    pub(crate) service: String,
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ProviderAction {
    List,
    Allow { url: String },
    Remove { url: String },
}

#[derive(Arguments, Debug)]
pub(crate) struct Renew {
    #[command(flatten)]
    pub(crate) selector: LicenseSelector,
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub(crate) until: Option<i64>,
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Return {
    #[command(flatten)]
    pub(crate) selector: LicenseSelector,
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Refresh {
    // `move_options_first` keeps options from being taken for licenses.
    #[arg(value_name = "LICENSE", allow_hyphen_values = true)]
    pub(crate) licenses: Vec<String>,
    #[arg(long, allow_hyphen_values = true, requires = "licenses")]
    pub(crate) issuer: Option<String>,
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Licenses {
    #[arg(long)]
    pub(crate) check: bool,
    #[arg(long)]
    pub(crate) user: bool,
}

#[derive(Subcommand, Debug)]
pub(crate) enum RootsAction {
    List,
    Add(RootsAdd),
    Distrust { file: PathBuf },
    Remove { fingerprint: String },
}

#[derive(Arguments, Debug)]
pub(crate) struct RootsAdd {
    #[arg(value_name = "FILE|edrlab")]
    pub(crate) source: PathBuf,
    #[arg(long, value_name = "URL")]
    pub(crate) from: Option<String>,
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Serve {
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum AdminAction {
    Init(AdminInit),
    Issue(AdminIssue),
    WithdrawLink(AdminWithdrawLink),
    Revoke(AdminRevoke),
    Release(AdminRelease),
    Confirm(AdminComputer),
    Withdraw(AdminComputer),
    Limit(AdminLimit),
    List(AdminList),
    ContentKey(AdminContentKey),
    RotateKey(AdminRotateKey),
    Move(AdminMove),
}

#[derive(Arguments, Debug)]
pub(crate) struct AdminInit {
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    #[arg(long, value_parser = parse_not_blank)]
    pub(crate) name: String,
    #[arg(long)]
    pub(crate) url: String,
    #[arg(long, value_name = "ADDRESS", value_parser = parse_not_blank)]
    pub(crate) contact: Option<String>,
    #[arg(long, value_name = "URL")]
    pub(crate) privacy_url: Option<String>,
}

#[derive(Arguments, Debug)]
pub(crate) struct AdminContentKey {
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    #[arg(value_name = "KEYID", required = true)]
    pub(crate) key_id: Vec<String>,
}

#[derive(Arguments, Debug)]
pub(crate) struct AdminRotateKey {
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub(crate) root: Option<PathBuf>,
    #[arg(long)]
    pub(crate) revoke: bool,
    #[arg(long, conflicts_with = "revoke")]
    pub(crate) revoke_all: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct AdminMove {
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    pub(crate) url: String,
    #[arg(long, value_name = "FILE")]
    pub(crate) root: Option<PathBuf>,
}

// Address and key of a service for its operator.
#[derive(Arguments, Debug)]
pub(crate) struct Operator {
    #[arg(long = "service", value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    #[arg(long, env = "RESTOW_SERVICE_URL")]
    pub(crate) url: Option<String>,
}

#[derive(Arguments, Debug)]
pub(crate) struct AdminIssue {
    #[arg(
        value_name = "FILE",
        required_unless_present = "key_id",
        conflicts_with_all = ["key_id", "title", "right", "backup", "computers", "not_before", "expires"]
    )]
    pub(crate) file: Option<PathBuf>,
    #[arg(long, value_name = "KEYID")]
    pub(crate) key_id: Vec<String>,
    #[arg(long)]
    pub(crate) title: Option<String>,
    #[arg(long, value_name = "RIGHT[=COUNT]")]
    pub(crate) right: Vec<String>,
    #[arg(long)]
    pub(crate) backup: bool,
    #[arg(long, value_name = "N")]
    pub(crate) computers: Option<u32>,
    #[arg(long, value_name = "DATE", value_parser = parse_start_date)]
    pub(crate) not_before: Option<i64>,
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub(crate) expires: Option<i64>,
    #[arg(long, value_name = "TEXT", value_parser = parse_not_blank)]
    pub(crate) reference: Option<String>,
    #[arg(long, value_name = "TEXT", value_parser = parse_not_blank)]
    pub(crate) note: Option<String>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) link_days: Option<u32>,
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) holder: Option<String>,
    #[command(flatten)]
    pub(crate) operator: Operator,
}

#[derive(Arguments, Debug)]
pub(crate) struct AdminWithdrawLink {
    #[arg(allow_hyphen_values = true)]
    pub(crate) offer: String,
    #[command(flatten)]
    pub(crate) operator: Operator,
}

#[derive(Arguments, Debug)]
pub(crate) struct AdminRevoke {
    #[arg(allow_hyphen_values = true)]
    pub(crate) license: String,
    #[arg(long, value_name = "TEXT", value_parser = parse_not_blank)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) operator: Operator,
}

#[derive(Arguments, Debug)]
pub(crate) struct AdminRelease {
    #[command(flatten)]
    pub(crate) target: HolderComputer,
    #[arg(long)]
    pub(crate) waiting: bool,
    #[command(flatten)]
    pub(crate) operator: Operator,
}

#[derive(Arguments, Debug)]
pub(crate) struct AdminComputer {
    #[command(flatten)]
    pub(crate) target: HolderComputer,
    #[command(flatten)]
    pub(crate) operator: Operator,
}

#[derive(Arguments, Debug)]
pub(crate) struct HolderComputer {
    #[arg(allow_hyphen_values = true)]
    pub(crate) holder: String,
    #[arg(allow_hyphen_values = true)]
    pub(crate) computer: String,
}

#[derive(Arguments, Debug)]
pub(crate) struct AdminLimit {
    #[arg(allow_hyphen_values = true)]
    pub(crate) license: String,
    #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(..=1000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) operator: Operator,
}

#[derive(Arguments, Debug)]
pub(crate) struct AdminList {
    #[arg(value_parser = parse_list_subject)]
    pub(crate) what: ListSubject,
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) holder: Option<String>,
    #[arg(long, value_name = "TEXT", value_parser = parse_not_blank, allow_hyphen_values = true)]
    pub(crate) search: Option<String>,
    #[command(flatten)]
    pub(crate) operator: Operator,
}

#[derive(Arguments, Clone, Debug)]
pub(crate) struct Demo {
    #[arg(
        long,
        value_name = "N",
        default_value_t = 40,
        value_parser = clap::value_parser!(u32).range(10..=5000)
    )]
    pub(crate) licenses: u32,
    #[arg(
        long,
        value_name = "M",
        default_value_t = 7,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub(crate) restricted: u32,
    #[arg(
        long,
        value_name = "K",
        default_value_t = 5,
        value_parser = clap::value_parser!(u32).range(5..=30)
    )]
    pub(crate) computers: u32,
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

/// Parses the name of a language.
pub(crate) fn parse_language(name: &str) -> Result<Language, String> {
    Language::ALL.into_iter().find(|language| language.as_str() == name).ok_or_else(String::new)
}

fn parse_list_subject(name: &str) -> Result<ListSubject, String> {
    serde_json::from_value(name.into()).map_err(|_| String::new())
}

/// Parses a date, or a date with a time.
fn parse_date(text: &str) -> Result<i64, String> {
    restow::lcp_provider::parse_loan_end(text).ok_or_else(String::new)
}

/// Parses a time, or a date for the start of that day.
fn parse_start_date(text: &str) -> Result<i64, String> {
    restow_core::time::parse_start(text).ok_or_else(String::new)
}

/// Rejects an empty or blank text.
fn parse_not_blank(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err(String::new()) } else { Ok(text.to_owned()) }
}
