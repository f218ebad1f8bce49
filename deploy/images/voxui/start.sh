#!/bin/sh
# Writes what depends on the environment into /tmp, the one writable place, then becomes nginx.
set -eu
awk -f /usr/share/vox/config.awk </dev/null >/tmp/config.js

: >/tmp/api.conf
if [ -n "${VOXUI_API_UPSTREAM:-}" ]; then
    case $VOXUI_API_UPSTREAM in
    http://* | https://*) ;;
    *)
        echo "voxui: VOXUI_API_UPSTREAM must begin with http:// or https://, and is $VOXUI_API_UPSTREAM" >&2
        exit 1
        ;;
    esac
    case $VOXUI_API_UPSTREAM in
    *[!A-Za-z0-9:/._-]*)
        echo "voxui: VOXUI_API_UPSTREAM is no plain address: $VOXUI_API_UPSTREAM" >&2
        exit 1
        ;;
    esac
    nameserver=$(awk '$1 == "nameserver" { print $2; exit }' /etc/resolv.conf)
    case $nameserver in *:*) nameserver="[$nameserver]" ;; esac
    # By way of a variable nginx asks for the name again, so that a replaced voxbridge is found.
    printf 'resolver %s valid=5s;\nset $api %s;\n' "$nameserver" "${VOXUI_API_UPSTREAM%/}" >/tmp/api.conf
    cat /usr/share/vox/api.conf >>/tmp/api.conf
fi
# A volume that all replicas of a host share; without one each serves its own release alone.
# The page that stands in for a console that was not built has no such files.
if [ -w /var/lib/vox/console ] && [ -d /usr/share/vox/console/assets ]; then
    /usr/share/vox/keep.sh /usr/share/vox/console/assets /var/lib/vox/console "${VOX_IMAGE_TAG:-dev}"
fi
exec nginx -e stderr -c /usr/share/vox/nginx.conf
