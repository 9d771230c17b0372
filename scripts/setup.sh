#!/bin/sh
# What a command of the Makefile needs before it can run; each step does nothing where nothing is missing.
#
#   setup.sh python    print the path of the interpreter to build with: $PYTHON, else the first of the usual names that is new enough
#   setup.sh tools     the system's tools that netwright, its walk and its tests call
#   setup.sh ready     those tools, .venv with this package and its test tools, the fast launchers
#   setup.sh tests     as root: what some tests compare with (other shells, tcpdump, pasta); anybody else does without
#   setup.sh runtime   as root: podman, containerd, Docker, ssh, Chromium, for the tests with real clients; anybody else does without
#   setup.sh sandbox   stop with an explanation where a private set of namespaces cannot be made
#
# Packages are installed by apt-get as root; anybody else is told the command. The machine's network is never touched.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin # a user's PATH on Debian has no sbin, where nft lives

OLDEST=3.11
STAMP=.venv/.ready

stop() {
    printf '%s\n' "$@" >&2
    exit 1
}

# ---- the interpreter

new_enough() {
    "$1" -c "import sys; sys.exit(sys.version_info < tuple(map(int, '$OLDEST'.split('.'))))" 2>/dev/null
}

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" || stop "$PYTHON does not run, or is older than Python $OLDEST."
        command -v "$PYTHON"
        return
    fi
    for name in python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null && new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
    stop "netwright needs Python $OLDEST or newer; none is here under the names python3.13, python3.12, python3.11, python3." \
        "Install one (Debian 12, Ubuntu 24.04 and later have it: apt-get install python3), or say where it is:" \
        "    make PYTHON=/path/to/python3 ..."
}

# ---- the system's packages

lacking() { # packages whose tool is not here, one a line
    command -v ip >/dev/null || echo iproute2
    command -v nft >/dev/null || echo nftables
    command -v ping >/dev/null || echo iputils-ping
    venv_works || "$1" -c 'import ensurepip' 2>/dev/null || venv_package "$1"
}

venv_package() {
    case $("$1" -c 'import sys; print(sys.base_prefix)') in
    /usr) "$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])' ;;
    *) stop "$1 has no ensurepip, and is not the system's Python: install its venv support, or choose another with PYTHON=..." ;;
    esac
}

install_packages() {
    [ $# -gt 0 ] || return 0
    command -v apt-get >/dev/null || stop "Missing here (by their Debian names): $*" "Install them and try again."
    [ "$(id -u)" = 0 ] || stop "Missing here: $*" "Install them with" "    sudo apt-get install $*" "and try again."
    echo "installing $*"
    apt_get update || true # a broken third-party source must not stop us: what is needed is in the distribution's own
    apt_get install "$@"
}

install_lacking() { # of PROGRAM:PACKAGE pairs, the packages whose program is not here; only root can
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
    packages=
    for pair; do
        command -v "${pair%%:*}" >/dev/null || packages="$packages ${pair#*:}"
    done
    # shellcheck disable=SC2086 # a list of words
    install_packages $packages
}

install_test_tools() {
    install_lacking pasta:passt tcpdump:tcpdump zsh:zsh fish:fish strace:strace dnsmasq:dnsmasq-base /usr/lib/cni/bridge:containernetworking-plugins
}

install_runtimes() {
    if grep -q /ld- /bin/busybox 2>/dev/null; then # one that needs libraries, which an image of it alone has not
        set -- static-busybox:busybox-static
    fi
    [ "$(id -u)" = 0 ] || return 0
    units=$(units_to_come)
    if [ ! -e /usr/sbin/policy-rc.d ]; then # what Debian's packages ask before they start a service
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod 755 /usr/sbin/policy-rc.d
    fi
    install_lacking podman:podman newuidmap:uidmap slirp4netns:slirp4netns conmon:conmon containerd:containerd runc:runc iptables:iptables dockerd:docker.io \
        sshd:openssh-server ssh:openssh-client chromium:chromium \
        /bin/busybox:busybox-static /usr/lib/cni/bridge:containernetworking-plugins \
        /usr/lib/podman/netavark:netavark /usr/lib/podman/aardvark-dns:aardvark-dns "$@"
    # shellcheck disable=SC2086 # a list of words
    [ -z "$units" ] || ! command -v systemctl >/dev/null || systemctl --quiet disable $units
}

units_to_come() { # services that would be installed now: the tests start their own, this machine shall run none of them
    command -v containerd >/dev/null || echo containerd.service
    command -v dockerd >/dev/null || echo docker.service docker.socket
    command -v sshd >/dev/null || echo ssh.service
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 \
        --no-install-recommends "$@" </dev/null
}

install_tools() {
    packages=$(lacking "$1")
    # shellcheck disable=SC2086 # a list of words
    install_packages $packages
}

# ---- .venv

venv_works() {
    [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null
}

inputs() { # changes when the installation has to be made again
    cat pyproject.toml setup.py src/netwright/kernel/_syscalls.c src/netwright/cli/launcher.py scripts/setup.sh | cksum
    pwd
}

ready() {
    [ -f $STAMP ] && [ "$(inputs)" = "$(cat $STAMP)" ] && venv_works && ! made_by_another_python &&
        [ -z "$(lacking .venv/bin/python)" ]
}

make_ready() {
    ! ready || return 0
    python=$(choose_python)
    ! made_by_another_python || rm -rf .venv
    install_tools "$python"
    venv_works || "$python" -m venv --clear .venv
    echo "installing netwright and its test tools into .venv"
    rm -f $STAMP
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
    .venv/bin/python -m netwright.cli.launcher .venv/bin >/dev/null
    .venv/bin/python -m compileall -q src || true # where it cannot be written, every command compiles what it imports
    inputs >$STAMP
}

made_by_another_python() { # a PYTHON that was asked for by name wins over the .venv that is here
    [ -n "${PYTHON:-}" ] && [ -d .venv ] && [ "$(prefix_of "$PYTHON")" != "$(prefix_of .venv/bin/python)" ]
}

prefix_of() {
    "$1" -c 'import sys; print(sys.base_prefix, sys.version)' 2>/dev/null
}

# ---- a private set of namespaces

check_sandbox() {
    private='mount -t tmpfs none /run'
    if [ "$(id -u)" = 0 ]; then
        unshare -nm sh -c "$private" 2>/dev/null && return
        stop "This root may not make private namespaces, in which everything here runs. unshare says:" \
            "  $(unshare -nm sh -c "$private" 2>&1)" \
            "In a container: start it with --privileged, or with --cap-add SYS_ADMIN --cap-add NET_ADMIN" \
            "--security-opt seccomp=unconfined --security-opt apparmor=unconfined. In a chroot: make its / a mount point."
    fi
    unshare -Urnm sh -c "$private" 2>/dev/null && return
    stop "This user may not make user namespaces, in which everything here runs. The reason:" "$(why_no_userns)" \
        "Or run the same command as root. The tests that need no privilege: .venv/bin/python -m pytest tests/pure"
}

setting() { # a sysctl's value, empty where this kernel has none of that name
    cat "/proc/sys/$(echo "$1" | tr . /)" 2>/dev/null || true
}

why_no_userns() {
    if [ "$(setting user.max_user_namespaces)" = 0 ]; then
        echo "  user.max_user_namespaces is 0;                       sudo sysctl user.max_user_namespaces=10000"
    elif [ "$(setting user.max_net_namespaces)" = 0 ]; then
        echo "  user.max_net_namespaces is 0;                        sudo sysctl user.max_net_namespaces=10000"
    elif [ "$(setting kernel.unprivileged_userns_clone)" = 0 ]; then
        echo "  kernel.unprivileged_userns_clone is 0;               sudo sysctl kernel.unprivileged_userns_clone=1"
    elif [ "$(setting kernel.apparmor_restrict_unprivileged_userns)" = 1 ]; then
        echo "  kernel.apparmor_restrict_unprivileged_userns is 1;   sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    else
        echo "  unshare says: $(unshare -Urnm sh -c "$private" 2>&1)"
    fi
}

case ${1:-} in
python) choose_python ;;
tools) install_tools "$(choose_python)" ;;
ready) make_ready ;;
tests) install_test_tools ;;
runtime) install_runtimes ;;
sandbox) check_sandbox ;;
*) stop "usage: setup.sh python|tools|ready|tests|runtime|sandbox" ;;
esac
