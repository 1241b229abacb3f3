#!/usr/bin/env bash
# Install the packages of apt.txt that are missing, as root or with sudo; else print the one line to run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v apt-get >/dev/null; then
  echo "This is not Debian or Ubuntu: install by hand what apt.txt names." >&2
  exit 0
fi

installed() { [[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]; }
available() { [[ "$(apt-cache policy "$1" 2>/dev/null)" =~ Candidate:\ [^\(] ]]; }

missing=() # each a list of choices
while IFS= read -r line; do
  line="${line%%#*}"
  read -ra choices <<<"${line//|/ }"
  ((${#choices[@]})) || continue
  for choice in "${choices[@]}"; do
    installed "$choice" && continue 2
  done
  missing+=("${choices[*]}")
done <apt.txt
((${#missing[@]})) || exit 0

choose() { # the first choice that this system offers, or the first of all
  local choice
  for choice in "$@"; do
    available "$choice" && echo "$choice" && return
  done
  echo "$1"
}

chosen() {
  local choices
  for choices in "${missing[@]}"; do
    # shellcheck disable=SC2086 # each is a list of words
    choose $choices
  done
}

as_root=()
if [[ "$(id -u)" != 0 ]]; then
  if sudo -n true 2>/dev/null || { [[ -t 0 ]] && command -v sudo >/dev/null; }; then
    as_root=(sudo)
  else
    printf 'System packages are missing. Ask an administrator to run:\n  %s\n' \
      "apt-get update && apt-get install --yes --no-install-recommends $(chosen | paste -sd ' ')" >&2
    exit 1
  fi
fi

export DEBIAN_FRONTEND=noninteractive
${as_root[@]+"${as_root[@]}"} apt-get update --quiet
readarray -t packages < <(chosen)
${as_root[@]+"${as_root[@]}"} apt-get install --yes --no-install-recommends "${packages[@]}"
