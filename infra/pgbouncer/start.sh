#!/bin/sh
# Writes the list of users from the environment and becomes pgbouncer.
set -eu
umask 077

# A quotation mark inside a password is doubled, as the file wants it.
line() {
  printf '"%s" "%s"\n' "$1" "$(printf '%s' "$2" | sed 's/"/""/g')"
}

{
  line tithi_app "${TITHI_APP_PASSWORD:?}"
  line tithi_worker "${TITHI_WORKER_PASSWORD:?}"
} > /run/pgbouncer/userlist.txt

exec pgbouncer /srv/pgbouncer/pgbouncer.ini
