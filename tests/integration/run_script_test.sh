#!/usr/bin/env bash
# ./run, as the README has it, on a free port and a folder of its own: it shows what an event changes
# and ends with 0, and a second start finds its data. Skips (77) outside of build/release, the one
# build that ./run uses.
set -euo pipefail

source=${FRESHET_SOURCE:?names the source folder}
if [ "${FRESHET_BUILD:-}" != "$source/build/release" ]; then
  echo "skipped: ./run uses build/release, this is ${FRESHET_BUILD:-no build}"
  exit 77
fi
# The daemon takes FRESHET_... for settings.
unset FRESHET_SOURCE FRESHET_BUILD

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

fail() {
  printf 'run_script_test: %s\n' "$1" >&2
  cat "$folder/said" >&2
  exit 1
}

run() {
  FRESHET_RUN_ONCE=1 "$source/run" --data "$folder/data" --listen "127.0.0.1:$port" "$@" \
    >"$folder/said" 2>&1 </dev/null || fail "./run $* ended with $?"
}

says() { grep -q -e "$1" "$folder/said" || fail "it does not say: $1"; }

# It stands before what ./run prints second: recommendations before the event, then after.
says_in_order() {
  local first second
  first=$(grep -n -m1 -e "$1" "$folder/said" | cut -d: -f1) || fail "it does not say: $1"
  second=$(grep -n -m1 -e "$2" "$folder/said" | cut -d: -f1) || fail "it does not say: $2"
  [ "$first" -lt "$second" ] || fail "\"$1\" must stand before \"$2\""
}

run
says "imported [0-9,]* rows"
says_in_order "1\. A new visitor comes" "The very next answer"
says "<- new"
says "[0-9.]* ms after the event was sent"
says "http://127.0.0.1:$port/v1/"

printf 'USER_ID,ITEM_ID,TIMESTAMP\nann,tent,1700000000\n' >"$folder/own.csv"
# The demo's data is no place for other files: ./run says so and what to do, and does not end with 0.
if FRESHET_RUN_ONCE=1 "$source/run" --data "$folder/data" --listen "127.0.0.1:$port" \
  --events "$folder/own.csv" >"$folder/said" 2>&1 </dev/null; then
  fail "./run passes files over and ends with 0"
fi
says "to keep both apart"

rm -rf "$folder/data"
run --events "$folder/own.csv"
says "imported 1 rows"
run --events "$folder/own.csv"
says "Its data is there"

# A background job of a script that is told to end has done its work.
"$source/run" --data "$folder/data" --listen "127.0.0.1:$port" >"$folder/said" 2>&1 </dev/null &
job=$!
for _ in $(seq 600); do
  grep -q "Serving at" "$folder/said" && break
  kill -0 "$job" 2>/dev/null || fail "./run in the background ended by itself"
  sleep 0.1
done
kill -TERM "$job"
wait "$job" || fail "./run ended by SIGTERM ended with $?"

if "$source/run" --events "$folder/none.csv" --data "$folder/data" >"$folder/said" 2>&1; then
  fail "./run takes a file that is not there"
fi
says "none.csv"
