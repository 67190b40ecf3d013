"""Check that identifiers, comments, messages and documents use the words of the field, not their literary substitutes.

Usage: python tools/check_words.py [PATH...]      (files or folders; all tracked files when there is no PATH)

Every line of a file is split into lower-case words: `MendedItem`, `mended_item` and "mended item" read the same.
A line with a word of WORDS is reported with the word to use instead, and the exit status is 1.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# A regular expression for whole words, and what to write instead.
WORDS = {
    r"anew": "again",
    r"answer|answers|answered|answering": "response, respond; a query has a result",
    r"asks?|asked|asking": "query, request",
    r"at random": "property test; sampled, random",
    r"beside": "next to, with, concurrently",
    r"black holes?": "unresponsive port",
    r"but for|for want of|save for": "except, because of no",
    r"came|comes|coming|gone": "arrive, received, sent, deleted, missing",
    r"canned": "fake, in-memory",
    r"elsewhere": "in a worker thread, in another module",
    r"facts": "fields",
    r"figures": "numbers, values, statistics",
    r"forget|forgets|forgot|forgotten": "delete",
    r"gives?|gave|given|giving": "pass, return, set",
    r"harmless": "sanitized, safe",
    r"heard|hears?": "received, last seen",
    r"hence|lest|thereby|thus|whereof|wherein": "so, again, or nothing",
    r"holds|held": "store, buffer, contain; is true",
    r"kept|keeps": "stored, preserved",
    r"leads? to|led to": "links to, opens, causes",
    r"mend|mends|mended|mending|mender": "fix, coerce, repair",
    r"moments?": "time, instant",
    r"noise": "fuzzed input",
    r"nobody|somebody|anybody|whoever|whatever|whichever|whomever": "name the actor: the client, the SDK, no caller",
    r"odd|oddity|oddities|queer": "malformed, unusual, invalid",
    r"of late": "recently",
    r"pieces?": "chunk",
    r"promises?|promised": "contract, guarantee",
    r"put off|puts off": "defer",
    r"questions?": "query",
    r"refuse|refuses|refused|refusing|refusals?": "reject, rejection",
    r"says?|said|saying": "state, report, specify, print",
    r"senders?": "client, SDK, process",
    r"stands?|stood": "is, is in, replaces",
    r"take in|takes in|taken in": "ingest, accept",
    r"tells?|told|telling|untold": "report, notify, record",
    r"twins?": "JSON endpoint, copy, counterpart",
    r"wants?|wanted": "request, expect, need",
    r"wherever|whence": "in each X that",
}

# Terms of the field that contain such a word; removed from a line before it is searched.
TERMS = (
    "connection refused",
    "refused connections?",
    "server gone error",
    "frequently asked questions",
    "odd number",
    "new promise",
    "stand alone",
)

# Files in which a word is right: path pattern, words, reason.
EXCEPTIONS: tuple[tuple[str, frozenset[str], str], ...] = (
    ("*.js", frozenset({"promise", "promises"}), "JavaScript's Promise"),
    ("*.mjs", frozenset({"promise", "promises"}), "JavaScript's Promise"),
    ("tests/*", frozenset({"given"}), "`given` of hypothesis"),
    (
        "CHANGELOG.md",
        frozenset({"asked", "question", "held", "kept", "refused", "put off", "noise"}),
        "its table of renamed names",
    ),
    (".github/ISSUE_TEMPLATE/question.md", frozenset({"question"}), "a question of a user"),
)

# Not the project's own text, or a list of the words themselves.
SKIPPED = (
    "LICENSE",
    "*/LICENSE",
    "*.lock",
    "*/package-lock.json",
    "*/static/vendor/*",
    "tests/captures/*",
    "tests/graphs/*",
    "*.woff2",
    "tools/check_words.py",
    "tests/unit/tools/test_check_words.py",
)

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TERMS = re.compile(r"\b(?:" + "|".join(TERMS) + r")\b")
_WORDS = [(re.compile(rf"\b(?:{pattern})\b"), instead) for pattern, instead in WORDS.items()]


def words_of(line: str) -> str:
    """Return the words of a line, identifiers split, in lower case and separated by one blank."""
    return " ".join(word.lower() for word in _WORD.findall(line))


def findings(path: str, text: str) -> Iterator[str]:
    """Yield a message per word of WORDS in a text; `path`, relative to the repository, selects the exceptions."""
    allowed = {word for pattern, words, _ in EXCEPTIONS if fnmatch(path, pattern) for word in words}
    for number, line in enumerate(text.splitlines(), start=1):
        words = _TERMS.sub("", words_of(line))
        for pattern, instead in _WORDS:
            for found in pattern.finditer(words):
                if found.group() not in allowed:
                    yield f"{path}:{number}: {found.group()} → use {instead}"


def tracked_files(paths: list[str]) -> Iterator[Path]:
    """Yield the files of the repository below the paths that git tracks or would add, without the skipped ones."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *paths],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in sorted(set(listed.stdout.splitlines())):
        file = ROOT / name
        if file.is_file() and not any(fnmatch(name, pattern) for pattern in SKIPPED):
            yield file


def main(paths: list[str]) -> int:
    """Print the findings in the files below the paths; return the exit status."""
    count = 0
    for file in tracked_files([str(Path(path).resolve()) for path in paths]):
        for message in findings(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")):
            print(message)
            count += 1
    if count:
        print(f"{count} words to replace (tools/check_words.py)")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
