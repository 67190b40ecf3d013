"""The command `insights certificate`: print the TLS certificate of the server and how clients trust it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from local_insights.cli.options import data_option, load_settings

if TYPE_CHECKING:
    from local_insights.http.certificate import Certificate

HOW_TO_TRUST = """\
Clients reject the certificate until it is trusted. To trust it:
  Node.js                NODE_EXTRA_CA_CERTS={path}
  OpenTelemetry (OTLP)   OTEL_EXPORTER_OTLP_CERTIFICATE={path}
  Python (requests)      REQUESTS_CA_BUNDLE={path}    this process then trusts no other certificate
  curl                   curl --cacert {path}
  Java                   keytool -importcert -noprompt -alias local-insights -file {path} \\
                             -keystore truststore.p12 -storepass changeit
                         java -Djavax.net.ssl.trustStore=truststore.p12 -Djavax.net.ssl.trustStorePassword=changeit
  Debian, Ubuntu, .NET   sudo cp {path} /usr/local/share/ca-certificates/local-insights.crt
                         sudo update-ca-certificates
  Chromium on Linux      certutil -d sql:$HOME/.pki/nssdb -A -t P,, -n local-insights -i {path}"""


@click.command("certificate")
@data_option
def certificate_command(data: Path | None) -> None:
    """Print the TLS certificate of the server and how to trust it.

    The certificate is created if there is none.
    """
    from local_insights.http import certificate as certificates  # noqa: PLC0415 (loads cryptography, 0.1 s)

    settings = load_settings({"data_dir": data})
    names = certificates.server_names(settings.host, settings.tls_names)
    try:
        certificate = certificates.load_or_create(settings.data_dir.resolve(), names)
    except certificates.CertificateError as error:
        raise click.ClickException(str(error)) from error
    click.echo(_description(certificate, settings.tls_port))


def _description(certificate: "Certificate", tls_port: int | None) -> str:
    listener = (
        f"The server accepts TLS on port {tls_port}."
        if tls_port is not None
        else "TLS is off. To turn it on, start the server with INSIGHTS_TLS_PORT=8443."
    )
    return (
        f"Certificate: {certificate.path}\n"
        f"Valid for: {', '.join(certificate.names)}\n"
        f"Valid until: {certificate.valid_until:%Y-%m-%d}\n"
        f"SHA-256: {certificate.fingerprint}\n"
        f"Private key (readable by its owner only): {certificate.key_path}\n\n"
        f"{listener}\n\n{HOW_TO_TRUST.format(path=certificate.path)}"
    )
