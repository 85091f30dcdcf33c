# What up and down share: where things are, and whether they run. Sourced.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
lab=$(realpath -m "${LAB_HOME:-$root/target/lab}")
home=$lab/medusa
# The project folder is the packages' folder: the framework looks for its modules below the folder that it starts in.
app=$lab/packages/medusa
port=${MEDUSA_PORT:-9000}
pg_port=${MEDUSA_PG_PORT:-9432}
pg_bin=${PG_BIN:-$(find /usr/lib/postgresql -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -1)}
pg_data=$home/pg/data

say() { echo "[medusa] $*"; }
fail() { echo "[medusa] $*" >&2; exit 1; }

# PostgreSQL refuses to be run by root.
as_pg() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

pg_runs() { [ -d "$pg_data" ] && as_pg "$pg_bin/pg_ctl" status -D "$pg_data" >/dev/null 2>&1; }

# A process id may have been given to another program since: its command line says whose it is.
server_runs() {
  [ -s "$home/server.pid" ] && tr '\0' ' ' <"/proc/$(cat "$home/server.pid")/cmdline" 2>/dev/null | grep -q 'medusa.*start'
}

stop_server() {
  if server_runs; then
    local pid
    pid=$(cat "$home/server.pid")
    kill "$pid"
    for _ in $(seq 40); do server_runs || break; sleep 0.25; done
    if server_runs; then kill -9 "$pid"; fi
  fi
  rm -f "$home/server.pid"
}
