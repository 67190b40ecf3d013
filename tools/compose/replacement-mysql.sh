#!/bin/bash
# Entrypoint of the replacement for the image mysql:8.4, with the behaviour that docker-compose.yml needs: it starts as root,
# continues as the user mysql, initialises an empty data directory, and serves MYSQL_DATABASE to MYSQL_USER.
set -euo pipefail

if [ "$(id -u)" = 0 ]; then
    mkdir --parents /run/mysqld /var/lib/mysql-files
    chown mysql:mysql /var/lib/mysql /run/mysqld /var/lib/mysql-files
    exec setpriv --reuid mysql --regid mysql --init-groups -- "$0" "$@"
fi

quoted() {
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\'\'}"
}

server=$(type -P mariadbd || type -P mysqld || echo /usr/sbin/mysqld)
if [ ! -d /var/lib/mysql/mysql ]; then
    case $server in
        *mariadbd) mariadb-install-db --no-defaults --datadir=/var/lib/mysql --skip-test-db >/dev/null ;;
        *) "$server" --no-defaults --datadir=/var/lib/mysql --initialize-insecure ;;
    esac
fi

# Executed at every start before the first connection; root gets a random password that is not stored.
user="$(quoted "$MYSQL_USER")@'%'"
cat >/run/mysqld/accounts.sql <<SQL
ALTER USER 'root'@'localhost' IDENTIFIED BY '$(head -c 24 /dev/urandom | base64)';
CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\` CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS $user IDENTIFIED BY $(quoted "$MYSQL_PASSWORD");
GRANT ALL ON \`$MYSQL_DATABASE\`.* TO $user;
SQL
exec "$server" --no-defaults --datadir=/var/lib/mysql --socket=/run/mysqld/mysqld.sock --pid-file=/run/mysqld/mysqld.pid \
    --skip-name-resolve --bind-address=0.0.0.0 --port=3306 --init-file=/run/mysqld/accounts.sql
