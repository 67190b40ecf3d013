# One Dockerfile for every service; docker-compose.yml builds and connects them. Local Insights alone:
#
#   docker build --tag local-insights .
#   docker run --rm --init --publish 127.0.0.1:8080:8080 --volume insights-data:/data local-insights
#
# Another service: docker build --build-arg SERVICE=echo --build-arg PORT=8001 --build-arg COMMAND="python -m echo" .

FROM python:3.11-slim-bookworm AS build
ENV UV_SYSTEM_CERTS=1 UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1
WORKDIR /source
COPY requirements.lock ./
RUN python -m venv /opt/uv \
    && awk '/^[a-z]/ {ours = /^uv==/} ours' requirements.lock > uv.lock.txt \
    && /opt/uv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement uv.lock.txt \
    && python -m venv --without-pip /opt/venv
ENV VIRTUAL_ENV=/opt/venv PATH=/opt/uv/bin:$PATH

# Third-party packages of the service, in the locked versions and with their hashes: a layer that source changes do not
# invalidate.
ARG SERVICE=insights
COPY pyproject.toml ./
COPY shared/telemetry/pyproject.toml shared/telemetry/
COPY shared/service/pyproject.toml shared/service/
COPY services/$SERVICE/pyproject.toml services/$SERVICE/
RUN uv pip compile --quiet --constraints requirements.lock --output-file required.txt \
        --no-emit-package local-insights-telemetry --no-emit-package local-insights-service \
        "services/$SERVICE/pyproject.toml" \
    && uv pip install --no-cache --require-hashes --no-deps --constraints requirements.lock --requirement required.txt

# The project's own packages: the service, and the shared packages that it requires. This step needs no network.
COPY shared shared
COPY services/$SERVICE services/$SERVICE
RUN uv pip install --offline --no-cache --no-editable "./services/$SERVICE"

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 app \
    && useradd --uid 10001 --gid app --no-create-home --shell /usr/sbin/nologin app \
    && install --directory --owner=app --group=app /data
COPY --from=build /opt/venv /opt/venv
ARG SERVICE=insights
ARG PORT=8080
ARG COMMAND="insights serve"
LABEL org.opencontainers.image.title="local-insights/$SERVICE" \
      org.opencontainers.image.description="$SERVICE of the traced mesh and its local Application Insights" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="python:3.11-slim-bookworm"
# In a container a service listens on every interface. The ports to publish are set outside.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PORT=$PORT COMMAND=$COMMAND \
    FRONTEND_HOST=0.0.0.0 ECHO_HOST=0.0.0.0 STORAGE_HOST=0.0.0.0 INSIGHTS_HOST=0.0.0.0 \
    INSIGHTS_DATA_DIR=/data/insights TELEMETRY_STORAGE_DIR=/data/undelivered
USER app
WORKDIR /data
EXPOSE $PORT
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["python", "-ISc", \
    "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["sh", "-c", "exec $COMMAND"]
