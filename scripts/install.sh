#!/bin/sh
# Puts netwright on everybody's PATH, and takes it away again.
#
#   install.sh add    PREFIX [DESTDIR]    a venv of its own in PREFIX/lib/netwright, launchers, man pages, completions
#   install.sh remove PREFIX [DESTDIR]    exactly what `add` made
#
# Every file and directory made outside the venv is written down in lib/netwright/installed; `remove` reads that list
# backwards. A file that is there already and is not ours is never replaced.
set -eu
cd "$(dirname "$0")/.."
umask 022 # it is for everybody, whatever root's umask is

prefix=${2:?the prefix, for example /usr/local}
root=${3:-}
lib=$root$prefix/lib/netwright
list=$lib/installed

stop() {
    printf '%s\n' "$@" >&2
    exit 1
}

make_directory() {
    [ ! -d "$1" ] || return 0
    make_directory "$(dirname "$1")"
    mkdir "$1"
    echo "$1" >>"$notes"
}

ours_or_free() {
    [ ! -e "$1" ] || grep -qs "netwright" "$1" || stop "$1 is there already and is not netwright's: move it away first."
}

put() { # put FILE INTO_DIRECTORY [NAME]
    [ -f "$1" ] || return 0
    make_directory "$2"
    target=$2/${3:-$(basename "$1")}
    ours_or_free "$target"
    install -m 644 "$1" "$target"
    echo "$target" >>"$notes"
}

# The system's Python first: one in somebody's home cannot be run by everybody.
choose_python() {
    PATH=/usr/bin:/bin:/usr/local/bin sh scripts/setup.sh python 2>/dev/null || sh scripts/setup.sh python
}

make_venv() { # from a copy: a build as root must leave nothing of root's in the checkout
    cp -r pyproject.toml setup.py README.md LICENSE src "$copy"
    rm -rf "$copy"/src/*.egg-info
    find "$copy" -name '*.so' -delete
    "$python" -m venv "$lib"
    "$lib/bin/python" -m pip install --quiet --disable-pip-version-check "$copy"
    rm -f "$lib/bin/nw" "$lib/bin/netwright" # pip's slow ones
}

launchers() {
    make_directory "$root$prefix/bin"
    "$lib/bin/python" -m netwright.cli.launcher --root "$root" "$root$prefix/bin" | tee -a "$notes"
}

pages() {
    share=$root$prefix/share
    for page in docs/man/*.[178]; do
        put "$page" "$share/man/man${page##*.}"
    done
    for name in nw netwright; do
        put completions/$name.bash "$share/bash-completion/completions" $name
        put completions/_$name "$share/zsh/site-functions"
    done
}

add() {
    [ ! -e "$list" ] || remove
    [ ! -e "$lib" ] || stop "$lib is there already and was not made by make install: move it away first."
    ours_or_free "$root$prefix/bin/nw"
    ours_or_free "$root$prefix/bin/netwright"
    python=${PYTHON:-$(choose_python)}
    PYTHON=$python sh scripts/setup.sh tools
    notes=$(mktemp)
    copy=$(mktemp -d)
    trap 'take_back; rm -rf "$copy" "$notes"' EXIT
    make_directory "$lib"
    make_venv
    launchers
    pages
    install -m 644 "$notes" "$list"
    trap 'rm -rf "$copy" "$notes"' EXIT
}

take_back() { # all that $notes lists, backwards: files before the directories made for them
    rm -rf "$lib"
    sed '1!G;h;$!d' "$notes" | while read -r path; do
        if [ -d "$path" ]; then
            rmdir "$path" 2>/dev/null || true # somebody else's files are in it by now
        else
            rm -f "$path"
        fi
    done
}

remove() {
    [ -e "$list" ] || stop "netwright is not installed in $root$prefix."
    notes=$(mktemp)
    cat "$list" >"$notes"
    take_back
    rm -f "$notes"
}

case ${1:-} in
add) add ;;
remove) remove ;;
*) stop "usage: install.sh add|remove PREFIX [DESTDIR]" ;;
esac
