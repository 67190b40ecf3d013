"""The certificate of the TLS listener: created on first use, stored in the data directory.

The certificate is self-signed and is no certificate authority: a client that trusts it trusts this server only, because
the key cannot sign certificates for other servers.
"""

import ipaddress
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = timedelta(days=820)
"""Some systems reject server certificates that are valid for more than 825 days."""
RENEWED_BEFORE_END = timedelta(days=30)
"""A certificate that expires within this time is replaced."""
FOLDER = "tls"
_ALWAYS = ("localhost", "127.0.0.1", "::1")
_WILDCARDS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - excluded from the names


class CertificateError(OSError):
    """The certificate can be neither read nor created. The message contains the remedy."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its private key, as PEM files."""

    path: Path
    key_path: Path
    names: tuple[str, ...]
    """Host names and addresses for which the certificate is valid."""
    valid_until: datetime
    fingerprint: str
    """SHA-256, hexadecimal."""


def server_names(host: str, also: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the loopback names, the machine's host name, `host` and `also`, without duplicates and wildcards."""
    names = (*_ALWAYS, socket.gethostname(), host, *also)
    return tuple(dict.fromkeys(name for name in names if name.isascii() and name not in _WILDCARDS))


def load_or_create(data_dir: Path, names: tuple[str, ...]) -> Certificate:
    """Return the certificate of a data directory.

    Create a new one if there is none, if it lacks one of the names, or if it expires within 30 days.

    Raises:
        CertificateError: the directory cannot be written, or the private key is damaged.
    """
    path = data_dir / FOLDER / "certificate.pem"
    key_path = data_dir / FOLDER / "key.pem"
    now = datetime.now(UTC)
    try:
        found = _read(path) if key_path.exists() else None
        if found is None or not _is_usable(found, names, now):
            found = _create(path, key_path, names, now)
        _require_key(key_path, found)
    except CertificateError:
        raise
    except OSError as error:
        message = (
            f"cannot write the certificate to {path.parent} ({error.strerror}): choose another directory with --data"
        )
        raise CertificateError(message) from error
    return Certificate(
        path, key_path, _names(found), found.not_valid_after_utc, found.fingerprint(hashes.SHA256()).hex()
    )


def _read(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _require_key(key_path: Path, certificate: x509.Certificate) -> None:
    """Return if the file contains the private key of the certificate."""
    try:
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        problem = "" if key.public_key() == certificate.public_key() else "does not belong to its certificate"
    except (ValueError, TypeError, UnsupportedAlgorithm):
        problem = "is damaged"
    if problem:
        message = (
            f"the private key {key_path} {problem}: restore it, or delete it. The next start then creates a new key "
            "and certificate, which clients have to trust again (see `insights certificate`)"
        )
        raise CertificateError(message)


def _is_usable(certificate: x509.Certificate, names: tuple[str, ...], now: datetime) -> bool:
    return certificate.not_valid_after_utc >= now + RENEWED_BEFORE_END and set(names) <= set(_names(certificate))


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return tuple(str(name.value) for name in extension.value)


def _create(path: Path, key_path: Path, names: tuple[str, ...], now: datetime) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    created = _signed(key, names, now)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_path.unlink(missing_ok=True)
    with os.fdopen(os.open(key_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    path.write_bytes(created.public_bytes(serialization.Encoding.PEM))
    return created


def _signed(key: ec.EllipticCurvePrivateKey, names: tuple[str, ...], now: datetime) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Local Insights")])
    public = key.public_key()
    key_id = x509.SubjectKeyIdentifier.from_public_key(public)
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (
        (x509.SubjectAlternativeName([_general_name(name) for name in names]), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.KeyUsage(*(usage == "digital_signature" for usage in _KEY_USAGES)), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (key_id, False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), False),
    )
    builder = (
        x509.CertificateBuilder(subject, subject, public, x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID)
    )
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, is_critical)
    return builder.sign(key, hashes.SHA256())


_KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
