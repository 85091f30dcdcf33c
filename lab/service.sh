# Read by the recipes of this folder: where things are, and how a program in the background is started and stopped.
# Expects $system.
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_HOME=${LAB_HOME:-$(dirname "$lab")/target/lab}
home=$LAB_HOME/$system
packages=$LAB_HOME/packages/$system
hub=${LAB_HUB:-http://127.0.0.1:7700}
mkdir -p "$home" "$packages"

alive() { [ -s "$home/$1.pid" ] && kill -0 "$(cat "$home/$1.pid")" 2>/dev/null; }

# run NAME COMMAND...: in the background, with NAME.pid and NAME.log
run() {
  local name=$1
  shift
  alive "$name" && return
  (cd "$home" && exec setsid nohup "$@" >>"$home/$name.log" 2>&1 </dev/null) &
  echo $! >"$home/$name.pid"
}

# ready NAME ADDRESS: waits until it answers
ready() {
  for _ in $(seq 600); do
    curl -so /dev/null "$2" && return
    alive "$1" || break
    sleep 0.2
  done
  tail -20 "$home/$1.log" >&2
  echo "$1 does not answer at $2" >&2
  return 1
}

stop() {
  local pid
  alive "$1" || { rm -f "$home/$1.pid"; return 0; }
  pid=$(cat "$home/$1.pid")
  kill "$pid" || true
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  if kill -0 "$pid" 2>/dev/null; then kill -9 "$pid"; fi
  rm -f "$home/$1.pid"
}

# python packages into $packages, once for each list of them
python_packages() {
  cmp -s "$lab/$system/requirements.txt" "$packages/installed.txt" && return
  python3 -m venv "$packages"
  "$packages/bin/pip" install -q --disable-pip-version-check -r "$lab/$system/requirements.txt"
  cp "$lab/$system/requirements.txt" "$packages/installed.txt"
}
