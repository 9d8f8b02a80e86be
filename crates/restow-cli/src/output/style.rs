//! Colors on a terminal.

/// Style of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tone {
    Plain,
    Strong,
    Faint,
    Good,
    Warning,
    Bad,
}

/// Color support of one stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    colors: bool,
}

impl Style {
    /// Returns the style of standard output.
    pub(crate) fn stdout() -> Self {
        Self::for_stream(std::io::IsTerminal::is_terminal(&std::io::stdout()))
    }

    /// Returns the style for a stream. A terminal gets colors unless `NO_COLOR` (no-color.org) or `TERM=dumb`
    /// is set.
    pub(crate) fn for_stream(is_terminal: bool) -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        // The old console of Windows prints escape codes as they are. Newer terminals set one of these
        // variables.
        let supports_colors = !cfg!(windows) || is_set("WT_SESSION") || is_set("TERM");
        Self { colors: is_terminal && supports_colors && !is_dumb && !is_set("NO_COLOR") }
    }

    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => "",
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Good => "32",
            Tone::Warning => "33",
            Tone::Bad => "31",
        };
        if self.colors && !code.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
