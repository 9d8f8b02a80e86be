# Functions of .ci/run and .ci/long. Both scripts source this file from the root of the repository.

step_lines=()

# Runs a command, prints its duration, and ends the script if the command fails: step NAME COMMAND…
# Status 77 means that a tool is missing: the list of steps then shows SKIPPED.
step() {
  local name=$1 start=$SECONDS status result
  shift
  printf '\n=== %s\n' "$name"
  # A subshell outside of any condition, so that functions stop at their first failing command.
  set +e
  (set -e; "$@")
  status=$?
  set -e
  result=ok
  if ((status == 77)); then
    result="SKIPPED"
  elif ((status)); then
    result="failed ($status)"
  fi
  step_lines+=("$(printf '%6d s  %-24s %s' $((SECONDS - start)) "$name" "$result")")
  printf '%s: %d s, %s\n' "$name" $((SECONDS - start)) "$result"
  [[ $result != failed* ]] || exit "$status"
  return 0
}

print_steps() {
  printf '\n'
  ((${#step_lines[@]} == 0)) || printf '%s\n' "${step_lines[@]}"
  printf '%6d s  total\n' "$SECONDS"
}
trap print_steps EXIT

# Installs Debian packages: install_packages TOOL=PACKAGE… A tool is a command or an absolute path.
install_packages() {
  local entry tool missing=() sudo=""
  for entry in "$@"; do
    tool=${entry%%=*}
    if [[ $tool == /* ]]; then
      [ -e "$tool" ] || missing+=("${entry#*=}")
    else
      command -v "$tool" >/dev/null || missing+=("${entry#*=}")
    fi
  done
  ((${#missing[@]})) || return 0
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Tools of the tests and their packages. A test without its tool prints SKIPPED; RESTOW_REQUIRE_TOOLS=1 turns that into a
# failure.
test_tools=(
  c++=g++ chromium=chromium epubcheck=epubcheck faketime=faketime ffmpeg=ffmpeg ip=iproute2 java=default-jre-headless
  jsonschema=python3-jsonschema openssl=openssl pkg-config=pkg-config python3=python3 sqlite3=sqlite3 unshare=util-linux
  unzip=unzip valgrind=valgrind
)
