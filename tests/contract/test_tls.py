"""The listener that speaks TLS, and the certificate that it makes itself."""

import ssl
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.x509 import BasicConstraints

from local_insights.http import certificate as certificates
from local_insights.http.certificate import certificate, server_names
from support.captured_posts import envelopes
from support.insights_process import INSIGHTS, running_insights

GOOD = envelopes("opencensus_fixed", "RequestData")[0]
NAMES = ("localhost", "127.0.0.1", "insights")


def trusting(path: Path) -> ssl.SSLContext:
    """A client that trusts this certificate alone, and takes the standards by the letter, as Python does from 3.13."""
    context = ssl.create_default_context(cafile=path)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def test_server_speaks_tls_beside_plain_http_and_keeps_its_certificate(tmp_path: Path) -> None:
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


def test_no_tls_without_being_asked_for(tmp_path: Path) -> None:
    with running_insights(tmp_path):
        assert not (tmp_path / "tls").exists()


def test_key_is_its_owners_alone(tmp_path: Path) -> None:
    made = certificate(tmp_path, NAMES)
    assert stat.S_IMODE(made.key_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.key_path.parent.stat().st_mode) == 0o700


def test_certificate_is_good_for_the_names_of_the_server_and_signs_no_other(tmp_path: Path) -> None:
    made = certificate(tmp_path, NAMES)
    assert set(made.names) == set(NAMES)
    read = certificates._read(made.path)
    assert read is not None
    assert not read.extensions.get_extension_for_class(BasicConstraints).value.ca


def test_certificate_is_made_anew_for_a_new_name_and_before_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = certificate(tmp_path, NAMES)
    assert certificate(tmp_path, NAMES[:2]).fingerprint == first.fingerprint
    second = certificate(tmp_path, (*NAMES, "elsewhere"))
    assert second.fingerprint != first.fingerprint
    monkeypatch.setattr(certificates, "RENEWED_BEFORE_END", certificates.VALID + timedelta(days=1))
    assert certificate(tmp_path, NAMES).fingerprint != second.fingerprint


@pytest.mark.parametrize("damage", [b"", b"no certificate"])
def test_damaged_certificate_is_replaced(tmp_path: Path, damage: bytes) -> None:
    path = certificate(tmp_path, NAMES).path
    path.write_bytes(damage)
    assert certificate(tmp_path, NAMES).names == NAMES


def test_names_are_those_of_this_machine_and_those_that_were_given() -> None:
    names = server_names("0.0.0.0", ["insights", "localhost", "not-äscii"])  # noqa: S104 - what must not become a name
    assert names[:3] == ("localhost", "127.0.0.1", "::1")
    assert names[-1] == "insights"
    assert len(names) == len(set(names)) <= 5


def test_command_shows_the_certificate_and_how_to_trust_it(tmp_path: Path) -> None:
    said = subprocess.run(
        [INSIGHTS, "certificate", "--data", tmp_path], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    made = certificate(tmp_path, ("localhost",))
    assert f"Certificate: {made.path}" in said
    assert f"SHA-256: {made.fingerprint}" in said
    assert f"NODE_EXTRA_CA_CERTS={made.path}" in said
    assert "INSIGHTS_TLS_PORT" in said


def test_directory_that_cannot_be_written_is_named_with_the_remedy(tmp_path: Path) -> None:
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
