#!/bin/sh
# `keep.sh ASSETS FOLDER RELEASE`: add the hashed files of this release to FOLDER/assets, where those of the two releases
# before it stay: a page that was opened before a deploy asks for the files it came with, and during one its requests
# reach replicas of either release. Several replicas may run this at once.
set -eu
assets=$1 folder=$2 release=$3
mkdir -p "$folder/assets" "$folder/releases"
# The list first: what stands on a list of the newest three is deleted by nobody.
ls "$assets" >"$folder/releases/.$release.$$"
mv "$folder/releases/.$release.$$" "$folder/releases/$release"
for file in "$assets"/*; do
    name=${file##*/}
    [ -e "$folder/assets/$name" ] && continue
    cp "$file" "$folder/assets/.$name.$$"
    mv "$folder/assets/.$name.$$" "$folder/assets/$name"
done
ls -t "$folder/releases" | tail -n +4 | while read -r old; do rm -f "$folder/releases/$old"; done
for file in "$folder/assets"/*; do
    name=${file##*/}
    grep -qxF -- "$name" "$folder/releases"/* || rm -f "$file"
done
