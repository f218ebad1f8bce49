#!/usr/bin/env bash
# Makes the stand-in base images with debootstrap and `docker import` alone, for places that reach no image registry:
#   vox-base/python:3.11   vox-base/nginx   vox-base/haproxy:3.0   vox-base/valkey
# Debian's packages come from the mirror that apt-get uses on this machine. An image made from the same suite and the
# same list of packages is kept; NAME... makes only those (`standins.sh python nginx`), --force makes them anew.
set -euo pipefail

# name:tag | suite | packages over Debian's smallest base | number that rises when this script does something else to it
bases=(
    "python:3.11|bookworm|python3,python3-venv,ca-certificates|3"
    "nginx:latest|bookworm|nginx-light|3"
    "haproxy:3.0|trixie|haproxy,ca-certificates|3"
    "valkey:latest|trixie|valkey-server,valkey-tools|4"
)

die() { echo "standins: $*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || die "debootstrap needs root: sudo $0"
command -v debootstrap >/dev/null || die "debootstrap is missing: apt-get install debootstrap"
docker version >/dev/null 2>&1 || die "no Docker engine answers: start one, or name it in DOCKER_HOST"

force=
wanted=()
for argument in "$@"; do
    if [ "$argument" = --force ]; then force=1; else wanted+=("$argument"); fi
done

# The mirror of this machine; the suite that it runs is not always one of ours, the archive is the same.
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" 2>/dev/null | head -1)
security=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename-security" 2>/dev/null | head -1)
[ -n "$security" ] || echo "standins: apt-get names no security mirror for $codename: bases get no security updates" >&2
[ -n "$mirror" ] || die "apt-get names no mirror for $codename: run apt-get update"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs a command in a tree.
inside() { # tree command...
    local fs=$1
    shift
    DEBIAN_FRONTEND=noninteractive chroot "$fs" "$@"
}

# Debian's smallest base with what was mended since the release: debootstrap alone takes the packages of the release.
smallest() { # suite tree
    local suite=$1 fs=$2 sources=$2/etc/apt/sources.list
    debootstrap --variant=minbase "$suite" "$fs" "$mirror" || return
    printf 'deb %s %s main\n' "$mirror" "$suite" "$mirror" "$suite-updates" >"$sources"
    [ -z "$security" ] || printf 'deb %s %s main\n' "$security" "$suite-security" >>"$sources"
    cp /etc/resolv.conf "$fs/etc/resolv.conf"
    # A disk that loses power in the middle loses a tree that nobody keeps.
    echo force-unsafe-io >"$fs/etc/dpkg/dpkg.cfg.d/standin"
    # No package may start its service on this machine.
    printf '#!/bin/sh\nexit 101\n' >"$fs/usr/sbin/policy-rc.d"
    chmod 755 "$fs/usr/sbin/policy-rc.d"
    inside "$fs" sh -c 'apt-get update -q && apt-get upgrade -q -y && apt-get clean'
}

build() { # name tag packages hash tree
    local name=$1 tag=$2 packages=$3 hash=$4 fs=$5
    inside "$fs" apt-get install -q -y --no-install-recommends ${packages//,/ } || return
    # What an image needs at no time: packages already unpacked, lists of packages, manuals, other languages, logs.
    rm -rf "$fs"/var/cache/apt/* "$fs"/var/lib/apt/lists/* "$fs"/var/log/* \
        "$fs"/usr/share/{doc,man,info,locale,lintian}/* "$fs"/etc/apt/sources.list "$fs"/tmp/*
    rm -f "$fs"/etc/{machine-id,resolv.conf,hostname} "$fs"/etc/dpkg/dpkg.cfg.d/standin "$fs"/usr/sbin/policy-rc.d
    case $name in
    python) ln -sf python3 "$fs/usr/bin/python" ;;
    # Where a volume is mounted that the server's user must be able to write.
    valkey) install -d -o 10001 -g 10001 "$fs/data" ;;
    esac
    tar -C "$fs" --numeric-owner --sort=name -c . |
        docker import --change "LABEL vox.base=$hash" --change 'CMD ["/bin/sh"]' - "vox-base/$name:$tag" >/dev/null
}

# All bases of a suite, on one smallest base.
make_suite() { # suite, and name|tag|packages|hash of each
    local suite=$1 started=$SECONDS each name tag packages hash log=$work/$1.log
    shift
    smallest "$suite" "$work/$suite" >"$log" 2>&1 || {
        tail -20 "$log" >&2
        die "Debian $suite was not made"
    }
    for each in "$@"; do
        IFS='|' read -r name tag packages hash <<<"$each"
        cp -a "$work/$suite" "$work/$name"
        build "$name" "$tag" "$packages" "$hash" "$work/$name" >>"$log" 2>&1 || {
            tail -20 "$log" >&2
            die "vox-base/$name:$tag was not made from Debian $suite with $packages"
        }
        rm -rf "${work:?}/$name"
        echo "vox-base/$name:$tag (Debian $suite with $packages) made, $((SECONDS - started)) s after the beginning," \
            "$(($(docker image inspect --format '{{.Size}}' "vox-base/$name:$tag") / 1000000)) MB"
    done
}

# Both suites at once: one unpacks while the other one fetches.
declare -A missing=()
for base in "${bases[@]}"; do
    IFS='|' read -r image suite packages recipe <<<"$base"
    name=${image%%:*} tag=${image##*:}
    if [ ${#wanted[@]} -gt 0 ] && [[ " ${wanted[*]} " != *" $name "* ]]; then continue; fi
    hash=$(printf '%s' "$recipe $image|$suite|$packages" | sha256sum | cut -c1-16)
    there=$(docker image inspect --format '{{index .Config.Labels "vox.base"}}' "vox-base/$name:$tag" 2>/dev/null || true)
    if [ -z "$force" ] && [ "$there" = "$hash" ]; then
        echo "vox-base/$name:$tag is up to date"
        continue
    fi
    missing[$suite]+="$name|$tag|$packages|$hash "
done
failed=
for suite in "${!missing[@]}"; do
    echo "Making Debian $suite ..."
    # One word for each base.
    make_suite "$suite" ${missing[$suite]} &
done
for _ in "${!missing[@]}"; do
    wait -n || failed=1
done
[ -z "$failed" ] || die "not every base was made: see above"
