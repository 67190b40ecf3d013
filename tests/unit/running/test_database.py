"""The private database: its accounts, and the error without any server."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from running import database
from running.errors import RunningError
from running.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("MYSQL_PASSWORD", raising=False)
    return Settings(local_dir=tmp_path)


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(database, "SYSTEM_PROGRAM_DIRS", ())
    monkeypatch.setattr(database, "PACKAGES_DIR", tmp_path / "packages")


@pytest.mark.usefixtures("no_server")
def test_error_without_any_server_lists_the_choices(settings: Settings) -> None:
    with pytest.raises(RunningError) as caught:
        database.prepare(settings)

    for choice in ("MYSQL_HOST", "mariadbd", "apt-get", "docker compose"):
        assert choice in str(caught.value)


@pytest.mark.usefixtures("no_server")
def test_server_that_does_not_initialise_is_not_used(settings: Settings, tmp_path: Path) -> None:
    broken = tmp_path / "mariadbd"
    broken.write_text("#!/bin/sh\necho MariaDB\n", encoding="utf-8")
    broken.chmod(0o755)

    with pytest.raises(RunningError, match="mariadb-install-db cannot be started"):
        database.prepare(settings)


@pytest.mark.usefixtures("no_server")
def test_password_is_generated_once_and_readable_by_its_user_only(settings: Settings) -> None:
    written = []
    for _ in range(2):
        with pytest.raises(RunningError):
            database.prepare(settings)
        written.append((settings.state_dir / "mysql-password").read_text(encoding="utf-8"))

    assert written[0] == written[1]
    assert len(written[0]) >= 24
    for secret in ("mysql-password", "mysql-account.sql"):
        assert (settings.state_dir / secret).stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("no_server")
def test_names_and_passwords_are_quoted_in_the_account_statements(tmp_path: Path) -> None:
    password = SecretStr(r"x\'y")
    settings = Settings(local_dir=tmp_path, mysql_user="o'brien", mysql_database="a`b", mysql_password=password)

    with pytest.raises(RunningError):
        database.prepare(settings)

    statements = (tmp_path / "mysql-account.sql").read_text(encoding="utf-8")
    assert "'o''brien'@'127.0.0.1'" in statements
    assert "`a``b`.*" in statements
    assert r"IDENTIFIED BY 'x\\''y'" in statements
    assert len(statements.splitlines()) == 4
