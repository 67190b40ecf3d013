"""All packages of the repository have the version of the latest section of the changelog."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
SECTIONS = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_changelog_has_one_section_per_release_and_unreleased_changes_on_top() -> None:
    assert SECTIONS[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ \u2013 \d{4}-\d\d-\d\d", section) for section in SECTIONS[1:])


def test_all_packages_have_the_version_of_the_latest_release() -> None:
    released = SECTIONS[1].split()[0]
    projects = [ROOT / "pyproject.toml", *ROOT.glob("shared/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")]
    assert len(projects) > 6
    versions = {
        str(path.relative_to(ROOT)): tomllib.loads(path.read_text("utf-8"))["project"]["version"] for path in projects
    }
    assert {path: version for path, version in versions.items() if version != released} == {}
