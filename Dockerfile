# One image a service of the workspace: docker build --build-arg SERVICE=echo --build-arg PORT=8001 .
# docker-compose.yml builds and connects them all.

FROM python:3.11-slim-bookworm AS build
ENV UV_SYSTEM_CERTS=1 UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /source
COPY requirements.lock pyproject.toml ./
# Both environments here take exactly the versions of the lock and verify its hashes.
RUN python -m venv /opt/uv \
    && awk '/^[a-z]/ {ours = /^uv==/} ours' requirements.lock > uv.lock.txt \
    && /opt/uv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement uv.lock.txt \
    && python -m venv --without-pip /opt/venv
COPY shared shared
COPY services services
ARG SERVICE
RUN VIRTUAL_ENV=/opt/venv /opt/uv/bin/uv pip install --no-cache --no-editable \
    --constraints requirements.lock "./services/$SERVICE"

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 app \
    && useradd --uid 10001 --gid app --no-create-home --shell /usr/sbin/nologin app \
    && install --directory --owner=app --group=app /data
COPY --from=build /opt/venv /opt/venv
ARG SERVICE
ARG PORT=8000
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SERVICE=$SERVICE PORT=$PORT
USER app
WORKDIR /data
EXPOSE $PORT
HEALTHCHECK --interval=3s --timeout=3s --start-period=30s --retries=5 CMD ["python", "-c", \
    "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["sh", "-c", "exec python -m \"$SERVICE\""]
