# Read by the recipes of this folder: where things are, and how a program in the background is started and stopped.
# Expects $system.
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_HOME=$(realpath -m "${LAB_HOME:-$(dirname "$lab")/target/lab}")
home=$LAB_HOME/$system
packages=$LAB_HOME/packages/$system
hub=${LAB_HUB:-http://127.0.0.1:7700}
mkdir -p "$home" "$packages"

say() { echo "[$system] $*" >&2; }
fail() { say "$*"; exit 1; }

# A process id may have been given to another program since: what `run` put into its environment says whose it is.
alive() {
  [ -s "$home/$1.pid" ] && { tr '\0' '\n' <"/proc/$(cat "$home/$1.pid")/environ" | grep -qxF "LAB_SERVICE=$home/$1"; } 2>/dev/null
}

# run NAME COMMAND...: in the background, with NAME.pid and NAME.log, in the folder $at
run() {
  local name=$1
  shift
  alive "$name" && return
  (cd "${at:-$home}" && export LAB_SERVICE=$home/$name && exec setsid nohup "$@" >>"$home/$name.log" 2>&1 </dev/null) &
  echo $! >"$home/$name.pid"
}

# ready NAME ADDRESS [HOW...]: waits until it answers; HOW goes to curl
ready() {
  for _ in $(seq 600); do
    curl -so /dev/null -m 5 "${@:2}" && return
    kill -0 "$(cat "$home/$1.pid")" 2>/dev/null || break
    sleep 0.2
  done
  tail -20 "$home/$1.log" >&2
  fail "$1 does not answer at $2"
}

stop() {
  if alive "$1"; then
    kill "$(cat "$home/$1.pid")"
    for _ in $(seq 100); do
      alive "$1" || break
      sleep 0.1
    done
    if alive "$1"; then kill -9 "$(cat "$home/$1.pid")"; fi
  fi
  rm -f "$home/$1.pid"
}

# python packages into $packages, once for each list of them
python_packages() {
  cmp -s "$lab/$system/requirements.txt" "$packages/installed.txt" && return
  python3 -m venv "$packages"
  "$packages/bin/pip" install -q --disable-pip-version-check -r "$lab/$system/requirements.txt"
  cp "$lab/$system/requirements.txt" "$packages/installed.txt"
}
