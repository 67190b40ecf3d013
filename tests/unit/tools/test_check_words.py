import subprocess
from pathlib import Path

import pytest

import check_words
from check_words import ROOT, findings, tracked_files, words_of


@pytest.mark.parametrize(
    "line", ["class MendedItem:", "mended_item = 1", '"the mended item"', "{# MENDED #}", "x.mended()", "mended-item"]
)
def test_word_is_found_in_identifiers_comments_and_texts(line: str) -> None:
    assert list(findings("a.py", line)) == ["a.py:1: mended → use fix, coerce, repair"]


def test_identifier_is_split_at_underscores_and_capitals() -> None:
    assert words_of("HTTPSender.send_items(toldBy)") == "http sender send items told by"


def test_part_of_a_longer_word_is_not_a_finding() -> None:
    assert list(findings("a.py", "threshold amendment task standard thusly")) == []


def test_each_finding_has_its_line_number() -> None:
    assert list(findings("docs/a.md", "fine\nthe client is told\n")) == [
        "docs/a.md:2: told → use report, notify, record"
    ]


def test_terms_of_the_field_are_not_findings() -> None:
    assert list(findings("a.py", "raise OSError('Connection refused')")) == []
    assert list(findings("a.py", "ConnectionRefusedError")) == []


def test_exception_of_a_file_allows_a_word_there_only() -> None:
    assert list(findings("static/live.js", "new Promise(resolve)")) == []
    assert len(list(findings("live.py", "a promise"))) == 1


def test_vendored_files_and_captures_are_skipped() -> None:
    names = {file.relative_to(ROOT).as_posix() for file in tracked_files([])}
    assert "README.md" in names
    assert not [name for name in names if "/vendor/" in name or name.endswith(("LICENSE", ".lock", ".jsonl"))]


def test_exit_status_is_1_when_there_is_a_finding(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    monkeypatch.setattr(check_words, "ROOT", tmp_path)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)

    file.write_text("<p>Rejected")
    assert check_words.main([]) == 0
    file.write_text("<p>Refused")
    assert check_words.main([]) == 1
    assert capsys.readouterr().out.startswith("page.html:1: refused → use reject")
