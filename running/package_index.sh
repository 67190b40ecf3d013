# Source it from the project's folder, when .venv has pip. uv does not read pip's configuration, so an index or certificate
# that is set for pip is passed to uv.
setting() { .venv/bin/pip config get "global.$1" 2>/dev/null || true; }
index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$(setting index-url)}}
cert=${SSL_CERT_FILE:-${PIP_CERT:-$(setting cert)}}
[ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
[ -z "$cert" ] || export SSL_CERT_FILE="$cert"
