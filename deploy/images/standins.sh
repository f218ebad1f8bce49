#!/usr/bin/env bash
# Makes the stand-in base images with debootstrap and `docker import` alone, for places that reach no image registry:
#   vox-base/python:3.11   vox-base/nginx   vox-base/haproxy:3.0   vox-base/valkey
# Debian's packages come from the mirror that apt-get uses on this machine. An image made from the same suite and the
# same list of packages is kept; NAME... makes only those (`standins.sh python nginx`), --force makes them anew.
set -euo pipefail

# name:tag | suite | packages over Debian's smallest base | number that rises when this script does something else to it
bases=(
    "python:3.11|bookworm|python3,python3-venv,ca-certificates|2"
    "nginx:latest|bookworm|nginx-light|2"
    "haproxy:3.0|trixie|haproxy,ca-certificates|2"
    "valkey:latest|trixie|valkey-server,valkey-tools|3"
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

# What was mended since the release: debootstrap alone takes the packages of the release.
update() { # folder suite
    local fs=$1 sources=$1/etc/apt/sources.list
    printf 'deb %s %s main\n' "$mirror" "$2" "$mirror" "$2-updates" >"$sources"
    [ -z "$security" ] || printf 'deb %s %s main\n' "$security" "$2-security" >>"$sources"
    cp /etc/resolv.conf "$fs/etc/resolv.conf"
    DEBIAN_FRONTEND=noninteractive chroot "$fs" sh -c 'apt-get update -q && apt-get upgrade -q -y'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # name tag suite packages hash
    local name=$1 tag=$2 suite=$3 packages=$4 hash=$5 fs=$work/$1 log=$work/$1.log
    debootstrap --variant=minbase --include="$packages" "$suite" "$fs" "$mirror" >"$log" 2>&1 || {
        tail -20 "$log" >&2
        die "debootstrap failed for $name ($suite)"
    }
    update "$fs" "$suite" >>"$log" 2>&1 || {
        tail -20 "$log" >&2
        die "the updates of $suite were not installed"
    }
    # What an image needs at no time: packages already unpacked, lists of packages, manuals, other languages, logs.
    rm -rf "$fs"/var/cache/apt/* "$fs"/var/lib/apt/lists/* "$fs"/var/log/* \
        "$fs"/usr/share/{doc,man,info,locale,lintian}/* "$fs"/etc/apt/sources.list "$fs"/tmp/*
    rm -f "$fs"/etc/{machine-id,resolv.conf,hostname}
    case $name in
    python) ln -sf python3 "$fs/usr/bin/python" ;;
    # Where a volume is mounted that the server's user must be able to write.
    valkey) install -d -o 10001 -g 10001 "$fs/data" ;;
    esac
    tar -C "$fs" --numeric-owner --sort=name -c . |
        docker import --change "LABEL vox.base=$hash" --change 'CMD ["/bin/sh"]' - "vox-base/$name:$tag" >/dev/null
    rm -rf "$fs"
}

make_one() { # name tag suite packages hash
    local started=$SECONDS
    echo "vox-base/$1:$2: Debian $3 with $4 ..."
    build "$@"
    echo "vox-base/$1:$2 made in $((SECONDS - started)) s," \
        "$(($(docker image inspect --format '{{.Size}}' "vox-base/$1:$2") / 1000000)) MB"
}

# Two at once: one unpacks while the other one fetches.
running=0 failed=
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
    if [ "$running" -eq 2 ]; then
        wait -n || failed=1
        running=1
    fi
    make_one "$name" "$tag" "$suite" "$packages" "$hash" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
done
[ -z "$failed" ] || die "not every base was made: see above"
