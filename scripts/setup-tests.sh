#!/bin/sh
# Installs the Debian packages that the tests need: only those that are missing, with one apt call.
# Usage: scripts/setup-tests.sh PACKAGE...        Prints what is still missing, one a line; exits with 0 if nothing is.
set -u

missing() {
  for package in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || printf '%s\n' "$package"
  done
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "this system has no apt" >&2
  printf '%s\n' "$@"
  exit 1
fi

wanted=$(missing "$@")
[ -z "$wanted" ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "installing packages needs root" >&2
  printf '%s\n' "$wanted"
  exit 1
fi

# The lists of packages have a lock that apt does not wait for by itself, so a busy machine gets more than one try.
export DEBIAN_FRONTEND=noninteractive
for try in 1 2 3; do
  [ "$try" -eq 1 ] || sleep 10
  # shellcheck disable=SC2086 # one word per package
  apt-get update -q >&2 &&
    apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 $wanted >&2 && break
done

wanted=$(missing "$@")
[ -z "$wanted" ] && exit 0
printf '%s\n' "$wanted"
exit 1
