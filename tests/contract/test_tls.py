"""The TLS listener and its self-signed certificate."""

import os
import ssl
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.x509 import BasicConstraints

from local_insights.http import certificate as certificates
from local_insights.http.certificate import CertificateError, load_or_create, server_names
from support.captured_posts import envelopes
from support.insights_process import INSIGHTS, running_insights

GOOD = envelopes("opencensus_fixed", "RequestData")[0]
NAMES = ("localhost", "127.0.0.1", "insights")


def trusting(path: Path) -> ssl.SSLContext:
    """Return a TLS context that trusts only this certificate, with the strict checks of Python 3.13 and later."""
    context = ssl.create_default_context(cafile=path)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def test_server_accepts_tls_and_plain_http_and_reuses_its_certificate(tmp_path: Path) -> None:
    path = tmp_path / "tls" / "certificate.pem"
    seen = []
    for _ in range(2):
        with running_insights(tmp_path, INSIGHTS_TLS_PORT="0") as insights:
            with httpx.Client(verify=trusting(path), trust_env=False) as client:
                for url in (insights.url, insights.tls_url, insights.tls_url.replace("127.0.0.1", "localhost")):
                    assert client.post(f"{url}/v2.1/track", json=[GOOD]).status_code == 200
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                httpx.get(f"{insights.tls_url}/healthz", trust_env=False)
            insights.process.terminate()
            assert insights.process.wait(30) == 0
        seen.append(path.read_bytes())
    assert seen[0] == seen[1]


def test_tls_is_off_by_default(tmp_path: Path) -> None:
    with running_insights(tmp_path):
        assert not (tmp_path / "tls").exists()


def test_private_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    created = load_or_create(tmp_path, NAMES)
    assert stat.S_IMODE(created.key_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(created.key_path.parent.stat().st_mode) == 0o700


def test_certificate_is_valid_for_the_server_names_and_is_no_authority(tmp_path: Path) -> None:
    created = load_or_create(tmp_path, NAMES)
    assert set(created.names) == set(NAMES)
    read = certificates._read(created.path)
    assert read is not None
    assert not read.extensions.get_extension_for_class(BasicConstraints).value.ca


def test_certificate_is_replaced_for_a_new_name_and_before_it_expires(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_or_create(tmp_path, NAMES)
    assert load_or_create(tmp_path, NAMES[:2]).fingerprint == first.fingerprint
    second = load_or_create(tmp_path, (*NAMES, "another-name"))
    assert second.fingerprint != first.fingerprint
    monkeypatch.setattr(certificates, "RENEWED_BEFORE_END", certificates.VALID + timedelta(days=1))
    assert load_or_create(tmp_path, NAMES).fingerprint != second.fingerprint


@pytest.mark.parametrize("content", [b"", b"no certificate"])
def test_damaged_certificate_is_replaced(tmp_path: Path, content: bytes) -> None:
    path = load_or_create(tmp_path, NAMES).path
    path.write_bytes(content)
    assert load_or_create(tmp_path, NAMES).names == NAMES


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "is damaged"), (b"no key", "is damaged"), (None, "does not belong to its certificate")],
)
def test_damaged_key_is_named_with_the_remedy(tmp_path: Path, content: bytes | None, problem: str) -> None:
    certificate = load_or_create(tmp_path / "data", NAMES)
    other = load_or_create(tmp_path / "other", NAMES)
    certificate.key_path.write_bytes(other.key_path.read_bytes() if content is None else content)
    with pytest.raises(CertificateError) as error:
        load_or_create(tmp_path / "data", NAMES)
    assert f"the private key {certificate.key_path} {problem}: restore it, or delete it" in str(error.value)

    certificate.key_path.unlink()
    assert load_or_create(tmp_path / "data", NAMES).fingerprint != certificate.fingerprint


def test_server_with_a_damaged_key_ends_with_one_line(tmp_path: Path) -> None:
    load_or_create(tmp_path, server_names("127.0.0.1")).key_path.write_bytes(b"no key")
    done = subprocess.run(
        [INSIGHTS, "serve", "--port", "0", "--data", tmp_path],
        env={**os.environ, "INSIGHTS_TLS_PORT": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "is damaged: restore it, or delete it" in done.stderr


def test_server_names_are_the_names_of_the_machine_and_configured_names() -> None:
    names = server_names("0.0.0.0", ["insights", "localhost", "not-äscii"])  # noqa: S104 - the wildcard must not become a name
    assert names[:3] == ("localhost", "127.0.0.1", "::1")
    assert names[-1] == "insights"
    assert len(names) == len(set(names)) <= 5


def test_command_prints_the_certificate_and_how_to_trust_it(tmp_path: Path) -> None:
    stdout = subprocess.run(
        [INSIGHTS, "certificate", "--data", tmp_path], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    created = load_or_create(tmp_path, ("localhost",))
    assert f"Certificate: {created.path}" in stdout
    assert f"SHA-256: {created.fingerprint}" in stdout
    assert f"NODE_EXTRA_CA_CERTS={created.path}" in stdout
    assert "INSIGHTS_TLS_PORT" in stdout


def test_error_for_an_unwritable_directory_names_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = subprocess.run(
        [INSIGHTS, "certificate", "--data", tmp_path / "file"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "--data" in done.stderr
