"""The listener that speaks TLS, for senders that insist on it."""

import ssl

from local_insights.http.certificate import certificate, server_names
from local_insights.http.server import Secure, listen
from local_insights.settings import Settings


def secure_listener(settings: Settings, port: int) -> Secure:
    """Listen on the port with the certificate of the data directory.

    Raises:
        CertificateError: it can be neither read nor made.
        ListenError: the port cannot be had.
    """
    kept = certificate(settings.data_dir, server_names(settings.host, settings.tls_names))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(kept.path, kept.key_path)
    return Secure(listen(settings.host, port), context)
