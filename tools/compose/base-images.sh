#!/bin/bash
# Provides the base images of Dockerfile and docker-compose.yml: pulled from a registry, or else built as replacements with
# the same names. A replacement is Debian from this machine's package sources with Python or MySQL (MariaDB if Debian has no
# MySQL): enough to test build, wiring and behaviour, but not the official images. Needs root, Debian, mmdebstrap and a
# running engine.
set -euo pipefail
cd "$(dirname "$0")/../.."
python_image=$(awk '$1 == "FROM" {print $2; exit}' Dockerfile)
mysql_image=$(awk '$1 == "image:" && $2 ~ /^mysql:/ {print $2}' docker-compose.yml)
sources=/etc/apt/sources.list.d/debian.sources
# Unpacking packages is bound by the disk, so it happens in memory if there is enough.
if [ "$(df --output=avail --block-size=1G /dev/shm 2>/dev/null | tail -n 1 | tr -d ' ')" -ge 4 ] 2>/dev/null; then
    export TMPDIR=/dev/shm
fi
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT

debian() { # SUITE SOURCES PACKAGES [HOOK...]: a root file system, as a tar archive
    local suite=$1 sources=$2 packages=$3
    shift 3
    mmdebstrap --quiet --variant=minbase --include="ca-certificates,$packages" \
        --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Check-Valid-Until "false"' \
        --customize-hook="copy-in $work/trusted /usr/local/share/ca-certificates" \
        --customize-hook='chroot "$1" update-ca-certificates >/dev/null' "${@/#/--customize-hook=}" \
        "$suite" - "$sources"
}

python_replacement() {
    local suite=${python_image##*-}
    debian "$suite" "$sources" netbase,tzdata,python3,python3-pip,python3-venv \
        'ln -s /usr/bin/python3 "$1/usr/local/bin/python"' |
        docker import --change 'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' \
            --change 'ENV LANG=C.UTF-8 PIP_CERT=/etc/ssl/certs/ca-certificates.crt' \
            --change 'CMD ["python3"]' - "$python_image"
}

mysql_replacement() { # SUITE SOURCES PACKAGES
    debian "$@" \
        'chroot "$1" sh -c "getent passwd mysql || useradd --system --user-group --shell /usr/sbin/nologin mysql" >/dev/null' \
        'chroot "$1" install --directory --owner=mysql --group=mysql /var/lib/mysql' \
        'find "$1/var/lib/mysql" -mindepth 1 -delete' \
        "install --mode=755 '$PWD/tools/compose/replacement-mysql.sh' \"\$1/usr/local/bin/entrypoint.sh\"" |
        docker import --change 'VOLUME /var/lib/mysql' --change 'EXPOSE 3306' \
            --change 'ENTRYPOINT ["entrypoint.sh"]' --change 'CMD ["mysqld"]' - "$mysql_image"
}

have() { docker image inspect "$1" >/dev/null 2>&1; }

provide() { # IMAGE COMMAND...
    local image=$1
    shift
    if have "$image"; then return; fi
    if docker pull --quiet "$image" 2>"$work/pull.log"; then
        echo "$image: pulled"
    else
        echo "$image: replacement, because it cannot be pulled ($(tail -n 1 "$work/pull.log"))"
        "$@" >/dev/null
    fi
}

mysql_or_mariadb() {
    sed '/^#/d; s/^Suites:.*/Suites: sid/; /^$/,$d' "$sources" >"$work/unstable.sources"
    mysql_replacement sid "$work/unstable.sources" mysql-server-core,mysql-client-core && return
    echo "$mysql_image: Debian has no MySQL now, MariaDB replaces it"
    mysql_replacement "${python_image##*-}" "$sources" mariadb-server-core,mariadb-client
}

mkdir "$work/trusted"
find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$work/trusted/" \; # the package index may need one
provide "$python_image" python_replacement &
python_pid=$!
provide "$mysql_image" mysql_or_mariadb
wait "$python_pid"
