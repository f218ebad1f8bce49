#!/usr/bin/env bash
# Unpacks HAProxy 3.0 of Debian trixie, with its own C library, into FOLDER: for systems whose own HAProxy is too old
# for `retry-on 429`. Nothing is installed. The packages come from the mirror that apt-get uses on this machine.
#   debian_haproxy.sh FOLDER        prints the path of a program that runs it
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
packages=(haproxy libc6 libcap2 libcrypt1 libgcc-s1 libjemalloc2 liblua5.4-0 libopentracing1
    libopentracing-c-wrapper0t64 libpcre2-8-0 libssl3t64 libstdc++6 libsystemd0 libzstd1 zlib1g)

# Two processes of tests may want it at once.
exec 9>"$folder/lock"
flock 9
if ! "$folder/haproxy" -v >/dev/null 2>&1; then
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    find_mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" | head -1; }
    mirror=$(find_mirror)
    # A bare machine has no lists yet, and does not know what its mirror holds.
    [ -n "$mirror" ] || { apt-get update -qq >&2; mirror=$(find_mirror); }
    [ -n "$mirror" ] || { echo "apt-get names no mirror for $codename" >&2; exit 1; }
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work"/{lists,cache,root}
    echo "deb $mirror trixie main" >"$work/sources.list"
    export APT_CONFIG=$work/apt.conf
    cat >"$APT_CONFIG" <<CONFIG
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$work/lists";
Dir::State::status "/dev/null";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
CONFIG
    apt-get update -qq >&2
    (cd "$work" && apt-get download -qq "${packages[@]}" >&2)
    for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/root"; done
    rm -rf "$folder/root"
    mv "$work/root" "$folder/root"
    loader=$(find "$folder/root" -name 'ld-linux*.so*' -type f | head -1)
    # A reload starts the program again by its own name, so that name must be this script's.
    cat >"$folder/haproxy" <<RUN
#!/bin/sh
exec $loader --argv0 "\$0" --library-path $(dirname "$loader") $folder/root/usr/sbin/haproxy "\$@"
RUN
    chmod +x "$folder/haproxy"
fi
echo "$folder/haproxy"
