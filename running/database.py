"""A private MySQL-protocol server: search and preparation.

An installed server is used; otherwise Debian's packages are unpacked under `.local/`. No server is installed, and root
is not needed. Data, password and socket are in the state directory. The only account that can log in over TCP is the
mesh's, from the loopback interface, with a generated password.
"""

import getpass
import os
import secrets
import shlex
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from running import debian_packages
from running.commands import run
from running.errors import RunningError
from running.settings import LOOPBACK, PROJECT_DIR, Settings

SYSTEM_PROGRAM_DIRS = ("/usr/local/sbin", "/usr/sbin", "/opt/homebrew/bin")
"""Directories of servers that are often missing in the PATH of a normal user."""

PACKAGES_DIR = PROJECT_DIR / ".local" / "mariadb-packages"

CHOICES = """\
The mesh needs a MySQL-protocol database, and none is available:
{reasons}
Provide one of these:
  - a running server: set MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD and MYSQL_DATABASE
  - mariadbd or mysqld on the PATH (Debian: apt install mariadb-server-core mariadb-client-core)
  - on Debian or Ubuntu, a network: the packages are downloaded, and unpacked without installation
  - Docker instead of all this: docker compose up --build"""


@dataclass(frozen=True, slots=True)
class Server:
    """A database server program, and what it needs to run from its location."""

    program: Path
    is_mariadb: bool
    unpacked_at: Path | None = None
    """Root of the tree it was unpacked to; None if it is installed."""
    environment: dict[str, str] = field(default_factory=dict)

    def options(self, data_dir: Path) -> list[str]:
        """Return the options for both initialisation and serving. No option file of the machine is read."""
        options = ["--no-defaults", f"--datadir={data_dir}"]
        if self.unpacked_at:
            options += [f"--basedir={self.unpacked_at}/usr", f"--lc-messages-dir={self.unpacked_at}/usr/share/mysql"]
        return options + ([f"--user={getpass.getuser()}"] if os.getuid() == 0 else [])


def prepare(settings: Settings) -> str:
    """Prepare the start of a private server: program, initialised data, account and start script.

    Returns:
        The password of the account.

    Raises:
        RunningError: No server is available; the text lists the choices.
    """
    password = _password(settings)
    _write_secret(_account_file(settings), _account_sql(settings, password))
    chosen = _chosen_program(settings)
    server = _inspect(chosen) if chosen and chosen.exists() else _choose_server(settings)
    script = settings.state_dir / "mysql-start"
    script.write_text(_start_script(server, settings), encoding="utf-8")
    script.chmod(0o700)
    return password


def _start_script(server: Server, settings: Settings) -> str:
    arguments = [
        str(server.program),
        *server.options(_data_dir(settings)),
        f"--port={settings.mysql_port}",
        f"--bind-address={LOOPBACK}",
        "--socket=mysql.sock",  # relative to the data directory, because a socket's path must be short
        "--pid-file=mysql.pid",
        f"--init-file={_account_file(settings)}",
        "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=2",  # values survive a crash of the server, but not of the machine
        *([] if server.is_mariadb else ["--mysqlx=OFF", "--skip-log-bin"]),
    ]
    variables = [f"{name}={value}" for name, value in server.environment.items()]
    return f"#!/bin/sh\nexec {shlex.join(['env', *variables, *arguments])}\n"


def _choose_server(settings: Settings) -> Server:
    """Return the first server that initialises, and record it: MySQL and MariaDB cannot serve each other's data."""
    reasons = []
    for source in (_installed_program, _unpacked_program):
        try:
            server = _inspect(source())
            _initialise(server, _data_dir(settings))
        except RunningError as error:
            reasons.append(f"  - {error}")
        else:
            _choice_file(settings).write_text(str(server.program), encoding="utf-8")
            return server
    raise RunningError(CHOICES.format(reasons="\n".join(reasons)))


def _installed_program() -> Path:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SYSTEM_PROGRAM_DIRS])
    program = shutil.which("mariadbd", path=path) or shutil.which("mysqld", path=path)
    if program is None:
        message = "neither mariadbd nor mysqld is on the PATH"
        raise RunningError(message)
    return Path(program)


def _unpacked_program() -> Path:
    debian_packages.unpack(["mariadb-server-core", "mariadb-client-core"], PACKAGES_DIR)
    return PACKAGES_DIR / "usr" / "sbin" / "mariadbd"


def _inspect(program: Path) -> Server:
    unpacked_at = PACKAGES_DIR if program.is_relative_to(PACKAGES_DIR) else None
    # The dynamic loader searches the libraries of an unpacked server in the system's directories.
    environment = {"LD_LIBRARY_PATH": debian_packages.library_path(unpacked_at)} if unpacked_at else {}
    version = run([program, "--no-defaults", "--version"], environment=environment)
    return Server(program, "MariaDB" in version, unpacked_at, environment)


def _initialise(server: Server, data_dir: Path) -> None:
    shutil.rmtree(data_dir, ignore_errors=True)
    if not server.is_mariadb:
        run([server.program, *server.options(data_dir), "--initialize"], environment=server.environment)
        return
    # mariadb-install-db is a shell script that fails on blanks in a path, so it gets links without blanks.
    with tempfile.TemporaryDirectory() as links:
        state, tree = Path(links, "state"), Path(links, "tree")
        state.symlink_to(data_dir.parent)
        if server.unpacked_at:
            tree.symlink_to(server.unpacked_at)
            server = replace(server, program=tree / server.program.relative_to(server.unpacked_at), unpacked_at=tree)
        command: list[str | Path] = [
            server.program.parents[1] / "bin" / "mariadb-install-db",
            *server.options(state / data_dir.name),
            f"--auth-root-socket-user={getpass.getuser()}",  # administrators log in by socket only
            "--skip-test-db",
            "--skip-name-resolve",
        ]
        run(command, environment=server.environment)


def _account_file(settings: Settings) -> Path:
    return settings.state_dir / "mysql-account.sql"


def _choice_file(settings: Settings) -> Path:
    return settings.state_dir / "mysql-program"


def _data_dir(settings: Settings) -> Path:
    return settings.state_dir / "mysql-data"


def _chosen_program(settings: Settings) -> Path | None:
    choice = _choice_file(settings)
    return Path(choice.read_text(encoding="utf-8")) if choice.exists() else None


def _password(settings: Settings) -> str:
    """Return the mesh's password: that of the settings, or one that is generated once for each state directory."""
    if chosen := settings.mysql_password.get_secret_value():
        return chosen
    stored = settings.state_dir / "mysql-password"
    if not stored.exists():
        _write_secret(stored, secrets.token_urlsafe(24))
    return stored.read_text(encoding="utf-8")


def _account_sql(settings: Settings, password: str) -> str:
    """Return the statements that the server executes at every start: one a line, each safe to repeat."""
    database = "`" + settings.mysql_database.replace("`", "``") + "`"
    account = f"{_quoted(settings.mysql_user)}@'{LOOPBACK}'"
    return (
        f"CREATE DATABASE IF NOT EXISTS {database} CHARACTER SET utf8mb4;\n"
        f"CREATE USER IF NOT EXISTS {account};\n"
        f"ALTER USER {account} IDENTIFIED BY {_quoted(password)};\n"
        f"GRANT ALL ON {database}.* TO {account};\n"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
