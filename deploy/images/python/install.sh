#!/bin/sh
# The build stage of every Python image. `install.sh tools` is the same for all of them, so that it is built once; then
# come two layers: `install.sh packages NAMES [FOLDER]` what the lock names, and `install.sh application PROJECT...` our
# own packages. FOLDER is what the service writes to; it lies in /layers/state and is copied first, owned by its user,
# since the layers after it give its parents back to root. Wheels come from /wheels, or where pip is told to look when
# that is empty; their hashes are checked in both cases. The same input gives the same bytes: times are fixed, and
# bytecode is bound to the content of its source.
set -eu
export PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_ROOT_USER_ACTION=ignore

here=$(dirname "$0")
venv=/opt/vox
tools=/opt/build

from_lock() { # python names-file wheels
    python3 "$here/subset.py" "$here/requirements.lock" "$2" >/tmp/names.lock
    if ls "$3"/*.whl >/dev/null 2>&1; then set -- "$1" --no-index --find-links "$3"; else set -- "$1"; fi
    python=$1
    shift
    "$tools/bin/pip" --python "$python" install --quiet --require-hashes --no-deps --no-compile "$@" -r /tmp/names.lock
}

finish() { # folder seconds
    "$venv/bin/python" -m compileall -q -f --invalidation-mode unchecked-hash -s "$1" "$1" >/dev/null
    find "$1" -exec touch -h -d "@$2" {} +
}

case $1 in
tools)
    python3 -m venv "$tools"
    from_lock "$tools/bin/python" "$here/packages.txt" /wheels/tools
    ;;
packages)
    python3 -m venv --without-pip "$venv"
    from_lock "$venv/bin/python" "$2" /wheels
    mkdir -p /layers/packages/opt "/layers/state${3:-}" "$(dirname "/layers/packages${3:-/state}")"
    # Moved, for a copy would lie in the layer of this stage twice.
    mv "$venv" /layers/packages/opt/
    ln -s "/layers/packages$venv" "$venv"
    # The same packages have the same time in every release, so this layer is pushed and pulled once.
    finish /layers/packages 315532800
    # A folder that COPY makes has the time of the build; one that it finds in the tree keeps its own.
    find /layers/state -exec touch -h -d @315532800 {} +
    ;;
application)
    shift
    for project in "$@"; do
        (cd "/source/$project" && "$tools/bin/python" -m hatchling build -t wheel -d /tmp/wheels >/dev/null)
    done
    "$tools/bin/pip" --python "$venv/bin/python" install --quiet --no-index --no-deps --no-compile --ignore-installed \
        --prefix "/layers/application$venv" /tmp/wheels/*.whl
    mkdir -p /layers/application/usr/share/vox
    "$venv/bin/python" "$here/sbom.py" "$venv/lib" "/layers/application$venv/lib" \
        >/layers/application/usr/share/vox/sbom.json
    finish /layers/application "$SOURCE_DATE_EPOCH"
    ;;
*)
    echo "usage: install.sh tools | packages NAMES [FOLDER] | application PROJECT..." >&2
    exit 1
    ;;
esac
