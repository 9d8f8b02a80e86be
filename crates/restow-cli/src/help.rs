//! Help texts and usage errors in the user's language. Parsing needs no texts, so the command gets them only
//! before they are printed.

use std::ffi::{OsStr, OsString};

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory as _, Parser as _};

use crate::args::Args;
use crate::command_error::CommandError;
use crate::failure::{Exit, Failure};
use crate::output::Ui;
use crate::texts::{Texts, values};

/// Adds the texts to a command and its subcommands.
fn localize(command: Command, texts: &Texts, id: &str) -> Command {
    let heading = |name: &str| texts.text(name, values![]);
    let usage = heading("heading-usage");
    let mut command = command
        .help_template(format!("{{about-with-newline}}\n{usage} {{usage}}\n\n{{all-args}}{{after-help}}"))
        .subcommand_help_heading(heading("heading-commands"))
        .subcommand_value_name(heading("heading-command"))
        .mut_args(|arg| {
            let help = texts.text(&format!("{id}.{}", argument_id(&arg)), values![]);
            let heading = if arg.is_positional() { "heading-arguments" } else { "heading-options" };
            let arg = match value_names(&arg, texts) {
                // The help text names the default and the possible values.
                Some(names) => {
                    arg.value_names(names).hide_possible_values(true).hide_default_value(true).hide_env(true)
                }
                None => arg,
            };
            arg.help(help).help_heading(texts.text(heading, values![]))
        });
    if let Some(about) = texts.find(id, values![]) {
        command = command.about(about);
    }
    if let Some(after) = texts.find(&format!("{id}.after"), values![]) {
        command = command.after_help(after);
    }
    command.mut_subcommands(|subcommand| {
        let id = format!("{id}-{}", subcommand.get_name());
        localize(subcommand, texts, &id)
    })
}

/// Returns the translated value names of an argument.
fn value_names(arg: &Arg, texts: &Texts) -> Option<Vec<String>> {
    let takes_value = arg.get_action().takes_values();
    let names = arg.get_value_names().filter(|_| takes_value)?.iter();
    Some(names.map(|name| texts.text(&value_id(name), values![])).collect())
}

/// Returns the message ID of a value name, such as `value-right-count` for `RIGHT[=COUNT]`.
fn value_id(name: &str) -> String {
    let name = name.to_lowercase();
    let words = name.split(|c: char| !c.is_ascii_lowercase()).filter(|word| !word.is_empty());
    std::iter::once("value").chain(words).collect::<Vec<_>>().join("-")
}

/// Returns the commands that the arguments name, outermost first. Values of options are no commands.
fn command_path<'a>(command: &'a Command, arguments: &[OsString]) -> Vec<&'a Command> {
    let mut current = command;
    let mut path = vec![command];
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if let Some(subcommand) = current.find_subcommand(word) {
            current = subcommand;
            path.push(subcommand);
        } else if takes_value(current, word) {
            words.next();
        }
    }
    path
}

/// Returns true if the word is a long option whose value is the next word.
fn takes_value(command: &Command, word: &OsStr) -> bool {
    let long = word.to_str().and_then(|word| word.strip_prefix("--"));
    long.is_some_and(|long| {
        command.get_arguments().any(|arg| arg.get_long() == Some(long) && arg.get_action().takes_values())
    })
}

fn argument_id(arg: &Arg) -> String {
    arg.get_id().as_str().replace('_', "-")
}

/// Returns the IDs of missing help texts.
#[cfg(test)]
pub(crate) fn missing_texts(command: &Command, texts: &Texts, id: &str) -> Vec<String> {
    let values =
        |arg: &Arg| arg.get_value_names().unwrap_or_default().iter().map(|name| value_id(name)).collect::<Vec<_>>();
    let args = command.get_arguments().flat_map(|arg| {
        let takes = arg.get_action().takes_values();
        std::iter::once(format!("{id}.{}", argument_id(arg))).chain(values(arg).into_iter().filter(move |_| takes))
    });
    let own_ids = std::iter::once(id.to_owned()).chain(args).filter(|id| texts.find(id, values![]).is_none());
    let subcommand =
        command.get_subcommands().flat_map(|sub| missing_texts(sub, texts, &format!("{id}-{}", sub.get_name())));
    own_ids.chain(subcommand).collect()
}

/// Rewrites `help COMMAND` to `COMMAND --help`, because other programs accept both.
pub(crate) fn rewrite_help_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.iter().any(|word| word == "help") {
        let command = Args::command();
        let mut at = 1;
        while let Some(word) = arguments.get(at).filter(|word| word.as_encoded_bytes().starts_with(b"-")) {
            at += if takes_value(&command, word) { 2 } else { 1 };
        }
        if arguments.get(at).is_some_and(|word| word == "help") {
            arguments.remove(at);
            arguments.push("--help".into());
        }
    }
    arguments
}

/// Moves the options of `refresh` before its licenses. The parser takes every word after an argument with several
/// values that may begin with a hyphen for another value.
pub(crate) fn move_options_first(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut command = Args::command();
    command.build();
    let path = command_path(&command, arguments.get(1..).unwrap_or_default());
    let Some(refresh) = path.get(1).filter(|command| command.get_name() == "refresh") else { return arguments };
    // The name of the command follows the global options and their values.
    let globals = arguments.iter().enumerate().filter(|(at, word)| {
        let is_value =
            at.checked_sub(1).and_then(|at| arguments.get(at)).is_some_and(|word| takes_value(&command, word));
        *word == "refresh" && !is_value
    });
    let Some(at) = globals.map(|(at, _)| at).next() else { return arguments };
    let is_option = |word: &OsStr| {
        let name = word.to_str().and_then(|word| word.strip_prefix("--")?.split('=').next());
        name.is_some_and(|name| refresh.get_arguments().any(|arg| arg.get_long() == Some(name)))
    };
    let mut licenses = Vec::new();
    let mut words = arguments.split_off(at + 1).into_iter();
    while let Some(word) = words.next() {
        if word == "--" {
            licenses.push(word);
            licenses.extend(words.by_ref());
        } else if is_option(&word) {
            let value = if takes_value(refresh, &word) { words.next() } else { None };
            arguments.push(word);
            arguments.extend(value);
        } else {
            licenses.push(word);
        }
    }
    arguments.append(&mut licenses);
    arguments
}

/// Parses the arguments. Help, the version and usage errors are printed here; the error is the exit status.
pub(crate) fn parse(arguments: &[OsString], ui: &dyn Fn() -> Ui) -> Result<Args, Exit> {
    let error = match Args::try_parse_from(arguments) {
        Ok(args) => return Ok(args),
        Err(error) => error,
    };
    let ui = ui();
    if error.kind() == ErrorKind::DisplayVersion {
        ui.print_line(error.render().to_string().trim_end());
        return Err(ui.finish(Exit::Done));
    }
    // Parses again, so that help and errors have the words of the language in them.
    let mut command = localize(Args::command(), ui.texts(), "help");
    command.build();
    let path = command_path(&command, arguments.get(1..).unwrap_or_default());
    let error = parse_error(&command, arguments).unwrap_or(error);
    // The parser cannot translate the placeholder for options.
    let options = ui.text("heading-options-usage", values![]);
    let translate = |help: StyledStr| help.to_string().replacen("[OPTIONS]", &options, 1).trim_end().to_owned();
    match (error.kind(), path.last()) {
        (ErrorKind::DisplayHelp, _) => {
            ui.print_line(&translate(error.render()));
            return Err(ui.finish(Exit::Done));
        }
        (ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, _) => ui.eprint(&translate(error.render())),
        (ErrorKind::MissingSubcommand, Some(&command)) => ui.eprint(&translate(command.clone().render_help())),
        _ => ui.print_failure(&usage_error(&error, &path)),
    }
    Err(ui.finish(Exit::Usage))
}

/// Returns the error for arguments. A positional argument may have taken a mistyped option as its value: the
/// error names the option if another option has a similar name.
fn parse_error(command: &Command, arguments: &[OsString]) -> Option<clap::Error> {
    let error = command.clone().try_get_matches_from(arguments).err()?;
    if error.kind() == ErrorKind::UnknownArgument
        && let Err(other) = reject_hyphen_values(command.clone()).try_get_matches_from(arguments)
        && nearest_name(&other).is_some()
    {
        return Some(other);
    }
    Some(error)
}

/// Makes all arguments reject values that begin with a hyphen.
fn reject_hyphen_values(command: Command) -> Command {
    command.mut_args(|arg| arg.allow_hyphen_values(false)).mut_subcommands(reject_hyphen_values)
}

fn usage_error(error: &clap::Error, path: &[&Command]) -> Failure {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    };
    let argument = context(ContextKind::InvalidArg);
    let argument_spec = path.iter().flat_map(|command| command.get_arguments()).find(|arg| arg.to_string() == argument);
    let names: Vec<&str> = path.iter().map(|command| command.get_name()).collect();
    let failure = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let name = context(ContextKind::InvalidSubcommand);
            Failure::new(CommandError::UsageCommand).with("name", name).with("suggestion", suggestion(error, path))
        }
        ErrorKind::UnknownArgument => Failure::new(CommandError::UsageUnknown)
            .with("argument", argument)
            .with("suggestion", suggestion(error, path)),
        ErrorKind::MissingRequiredArgument if names.ends_with(&["issue"]) => {
            Failure::new(CommandError::UsageMissingTerms).with("argument", argument)
        }
        ErrorKind::MissingRequiredArgument => Failure::new(CommandError::UsageMissing).with("argument", argument),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = context(ContextKind::InvalidValue);
            let kind = if value.is_empty() { CommandError::UsageNoValue } else { CommandError::UsageValue };
            // The help of the argument describes the values that the argument takes.
            let description = argument_spec.and_then(Arg::get_help).map(ToString::to_string).unwrap_or_default();
            Failure::new(kind).with("argument", argument).with("value", value).with("what", description)
        }
        ErrorKind::ArgumentConflict => Failure::new(CommandError::UsageConflict)
            .with("argument", argument)
            .with("other", context(ContextKind::PriorArg)),
        _ => Failure::new(CommandError::Usage),
    };
    failure.with("command", names.join(" ")).exit(Exit::Usage)
}

/// Returns the name that an unknown command or option probably means, or `none`.
fn suggestion(error: &clap::Error, path: &[&Command]) -> String {
    nearest_name(error).or_else(|| option_of_subcommand(error, path)).unwrap_or_else(|| "none".to_owned())
}

/// Returns the nearest command or option that the parser found.
fn nearest_name(error: &clap::Error) -> Option<String> {
    let nearest = match error.get(ContextKind::SuggestedSubcommand).or(error.get(ContextKind::SuggestedArg))? {
        ContextValue::String(name) => Some(name),
        // clap lists the nearest name last.
        ContextValue::Strings(names) => names.last(),
        _ => None,
    };
    nearest.cloned()
}

/// Returns the subcommand and its nearest option for an unknown option that precedes the subcommand.
fn option_of_subcommand(error: &clap::Error, path: &[&Command]) -> Option<String> {
    let (root, subcommands) = path.split_first()?;
    let subcommand = subcommands.last()?;
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return None };
    let long = option.strip_prefix("--")?;
    let names: Vec<&str> = subcommands.iter().map(|command| command.get_name()).collect();
    let option = if subcommand.get_arguments().any(|arg| arg.get_long() == Some(long)) {
        option.clone()
    } else {
        // The parser finds the nearest option if the option follows the subcommand.
        let words = std::iter::once(root.get_name()).chain(names.iter().copied()).chain([option.as_str()]);
        nearest_name(&(*root).clone().try_get_matches_from(words).err()?)?
    };
    Some(format!("{} {option}", names.join(" ")))
}

#[cfg(test)]
mod tests {
    use restow::Language;

    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn help_command_follows_global_options() {
        for (line, expected) in [
            ("restow help scan", "restow scan --help"),
            ("restow --home DIR help scan", "restow --home DIR scan --help"),
            ("restow --json --lang de help admin list", "restow --json --lang de admin list --help"),
            ("restow --lang=de help", "restow --lang=de --help"),
            ("restow --home help scan", "restow --home help scan"),
            ("restow scan help", "restow scan help"),
        ] {
            assert_eq!(rewrite_help_command(words(line)), words(expected));
        }
    }

    #[test]
    fn refresh_options_precede_licenses() {
        for (line, expected) in [
            ("restow refresh -abc --yes", "restow refresh --yes -abc"),
            (
                "restow --home refresh refresh -a --issuer -i -b --json",
                "restow --home refresh refresh --issuer -i --json -a -b",
            ),
            ("restow refresh a --issuer=-i -- --yes", "restow refresh --issuer=-i a -- --yes"),
            ("restow forget -abc --yes", "restow forget -abc --yes"),
        ] {
            assert_eq!(move_options_first(words(line)), words(expected));
        }
    }

    #[test]
    fn mistyped_option_before_license_is_named() {
        let texts = Texts::new(Language::English);
        let error = parse_error(&localize(Args::command(), &texts, "help"), &words("restow renew --yess L1")).unwrap();
        assert_eq!(error.get(ContextKind::InvalidArg), Some(&ContextValue::String("--yess".to_owned())));
        assert_eq!(nearest_name(&error).as_deref(), Some("--yes"));
    }
}
