"""Rust source text as tokens, for the checks in this folder."""

import re
import sys
from pathlib import Path
from typing import NamedTuple


class Token(NamedTuple):
    """One token and the line it starts on.

    Kinds: doc, comment, string, lifetime, word, number, punct. The inner doc comments `//!` and `/*!` are of kind doc.
    """

    kind: str
    text: str
    line: int


_PATTERN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<line_comment>//[^\n]*)
    | (?P<block_comment>/\*)
    | (?P<raw>(?:br|cr|r)(?P<hashes>\#*)".*?"(?P=hashes))
    | (?P<string>[bc]?"(?:[^"\\]|\\.)*")
    | (?P<char>b?'(?:[^'\\\n]|\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F_]+\}|.))')
    | (?P<lifetime>'[A-Za-z_]\w*)
    | (?P<word>(?:r\#)?[A-Za-z_]\w*)
    | (?P<number>\d\w*)
    | (?P<punct>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BLOCK_EDGE = re.compile(r"/\*|\*/")


def tokenize(source: str) -> list[Token]:
    """Returns the tokens of a file, comments included, white space excluded."""
    tokens, position, line = [], 0, 1
    while position < len(source):
        match = _PATTERN.match(source, position)
        kind, end = match.lastgroup, match.end()
        if kind == "hashes":
            kind = "raw"
        if kind == "block_comment":
            end = _block_comment_end(source, end)
        text = source[position:end]
        if kind in ("line_comment", "block_comment"):
            kind = "doc" if _is_doc(text) else "comment"
        elif kind in ("raw", "char"):
            kind = "string"
        if kind != "space":
            tokens.append(Token(kind, text, line))
        line += text.count("\n")
        position = end
    return tokens


def _block_comment_end(source: str, position: int) -> int:
    """Returns the position after a block comment. Block comments nest."""
    depth = 1
    while depth:
        edge = _BLOCK_EDGE.search(source, position)
        if edge is None:
            return len(source)
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return position


def _is_doc(text: str) -> bool:
    if text.startswith(("//!", "/*!")):
        return True
    if text.startswith("///"):
        return not text.startswith("////")
    return text.startswith("/**") and not text.startswith("/***") and text != "/**/"


def strip_comments(tokens: list[Token]) -> list[Token]:
    """Returns the tokens that are code."""
    return [token for token in tokens if token.kind not in ("doc", "comment")]


def matching(tokens: list[Token], opening: int) -> int:
    """Returns the index of the bracket that closes the one at `opening`, or the last index if none does."""
    depth = 0
    for index in range(opening, len(tokens)):
        if tokens[index].kind == "punct":
            if tokens[index].text in "([{":
                depth += 1
            elif tokens[index].text in ")]}":
                depth -= 1
                if depth == 0:
                    return index
    return len(tokens) - 1


def attribute_end(tokens: list[Token], index: int) -> int | None:
    """Returns the index after the attribute that starts at `index`, or None if there is no attribute."""
    if tokens[index].text != "#":
        return None
    opening = index + 1
    if opening < len(tokens) and tokens[opening].text == "!":
        opening += 1
    if opening >= len(tokens) or tokens[opening].text != "[":
        return None
    return matching(tokens, opening) + 1


def is_test_cfg(attribute: list[Token]) -> bool:
    """Reports whether an attribute limits an item to tests: `#[cfg(test)]`, `#[cfg(all(test, …))]`."""
    text = "".join(token.text for token in attribute)
    return text.startswith(("#[cfg(test)", "#[cfg(all(test,", "#![cfg(test)"))


def find_root() -> Path:
    """Returns the repository that holds the current folder, or else the one that holds this script."""
    for folder in [Path.cwd(), *Path.cwd().parents, Path(__file__).resolve().parent.parent]:
        if (folder / "crates").is_dir() and (folder / "Cargo.toml").is_file():
            return folder
    sys.exit("run this script inside the repository")
