# What up and down share. Sourced.
system=medusa
. "$(dirname "${BASH_SOURCE[0]}")/../service.sh"
# The packages' folder is the project's: the framework looks for its modules below the folder that it starts in.
at=$packages
port=${MEDUSA_PORT:-9000}
pg_port=${MEDUSA_PG_PORT:-9432}
pg_bin=${PG_BIN:-$(find /usr/lib/postgresql -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -1)}
pg_data=$home/pg/data

# PostgreSQL refuses to be run by root.
as_pg() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

pg_runs() { [ -d "$pg_data" ] && as_pg "$pg_bin/pg_ctl" status -D "$pg_data" >/dev/null 2>&1; }
