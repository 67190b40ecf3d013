"""The command `insights certificate`."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from local_insights.http.certificate import Certificate

HOW_TO_TRUST = """\
Until somebody trusts it, only what checks nothing will talk to it. To trust it:
  Node.js                NODE_EXTRA_CA_CERTS={path}
  OpenTelemetry (OTLP)   OTEL_EXPORTER_OTLP_CERTIFICATE={path}
  Python (requests)      REQUESTS_CA_BUNDLE={path}    this process then trusts nobody else
  curl                   curl --cacert {path}
  Java                   keytool -importcert -noprompt -alias local-insights -file {path} \\
                             -keystore truststore.p12 -storepass changeit
                         java -Djavax.net.ssl.trustStore=truststore.p12 -Djavax.net.ssl.trustStorePassword=changeit
  Debian, Ubuntu, .NET   sudo cp {path} /usr/local/share/ca-certificates/local-insights.crt
                         sudo update-ca-certificates
  Chromium on Linux      certutil -d sql:$HOME/.pki/nssdb -A -t P,, -n local-insights -i {path}"""


def print_certificate(certificate: "Certificate", tls_port: int | None) -> None:
    """Say what the certificate is and how senders come to trust it."""
    listening = (
        f"The server speaks TLS on port {tls_port}."
        if tls_port is not None
        else "The server does not speak TLS: start it with INSIGHTS_TLS_PORT=8443."
    )
    typer.echo(
        f"Certificate: {certificate.path}\n"
        f"Good for: {', '.join(certificate.names)}\n"
        f"Until: {certificate.valid_until:%Y-%m-%d}\n"
        f"SHA-256: {certificate.fingerprint}\n"
        f"Its key is readable by its owner alone: {certificate.key_path}\n\n"
        f"{listening}\n\n{HOW_TO_TRUST.format(path=certificate.path)}"
    )
