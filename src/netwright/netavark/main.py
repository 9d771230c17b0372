"""The executable `netavark`: podman's words and JSON in, JSON out; an error is {"error": TEXT} on standard output and exit code 1."""

import os
import sys

from ..errors import CallFailed, Invalid, NetwrightError
from ..model.jsontext import write
from ..networks import standard
from .words import HELP, Words
from .words import read as read_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .making import How

VERSION = "2.0.0"  # whose words and JSON these are
_SIGNALS = ("SIGTERM", "SIGINT")


def main(argv: "list[str]") -> int:
    """0 done, 1 failed, 2 wrong words."""
    try:
        words = read_words(argv[1:])
    except Invalid as error:
        sys.stderr.write(f"{error.what}\n\n{error.fix}\n")
        return 2
    try:
        answer = _VERBS[words.verb](words)
    except (NetwrightError, OSError, ValueError) as error:
        return _refused(str(error))
    except Exception as error:  # noqa: BLE001 - podman shows what is on standard output, and nothing else
        return _unforeseen(error)
    return _told(answer, 0) if answer else 0


def _told(text: str, code: int) -> int:
    return standard.answer("netavark", text, code)


def _refused(text: str) -> int:
    return _told(write({"error": text}), 1)


def _unforeseen(error: Exception) -> int:
    from traceback import format_exception

    standard.put("".join(format_exception(error)))
    return _refused(f"{type(error).__name__}: {error}: a mistake in netwright; what it was doing is on standard error")


# -- the verbs -----------------------------------------------------------------------------------------------------------------


def _setup(words: Words) -> str:
    from .protocol import read

    asked, mistakes = _read(words, read)
    how = _how(words)
    from .setup import setup

    return write(setup(asked, mistakes, how))


def _teardown(words: Words) -> str:
    import _signal as signals  # type: ignore[import-not-found]

    # podman ends what takes long; half a teardown is worse than a late one.
    for name in _SIGNALS:
        signals.signal(getattr(signals, name), signals.SIG_IGN)
    from .protocol import read
    from .teardown import teardown

    asked, mistakes = _read(words, read)
    errors = teardown(asked, mistakes, _how(words))
    if len(errors) > 1:
        raise Invalid("netavark encountered multiple errors:" + "".join(f"\n\t- {one}" for one in errors))
    if errors:
        raise Invalid(errors[0])
    return ""


def _update(words: Words) -> str:
    from .names import changed, servers_of

    changed(words.operand, servers_of(words.servers), _how(words))
    return ""


def _create(words: Words) -> str:
    from .create import create

    return write(create(_text(words), words.plugins))


def _version(words: Words) -> str:
    from json import dumps

    from .. import __version__

    machine = os.uname().machine
    said = {"version": VERSION, "commit": f"netwright {__version__}", "build_time": "", "target": f"{machine}-unknown-linux-gnu"}
    return dumps(said, indent=2)


def _short_version(words: Words) -> str:
    from .. import __version__

    return f"netavark {VERSION} (netwright {__version__})"


def _reload(words: Words) -> str:
    """Put everybody's rules again, after somebody's flush."""
    from ..networks import attaching, records, tables
    from ..networks.locks import locked

    _how(words)
    with attaching.on_host() as place:
        if records.others(""):
            with locked("firewall"):
                tables.load(place)
    return ""


def _dhcp_proxy(words: Words) -> str:
    raise Invalid("dhcp-proxy: not needed", why="the daemon that keeps leases is started with the first one", fix="nw cni dhcp daemon")


_VERBS: "dict[str, Callable[[Words], str]]" = {
    "setup": _setup, "teardown": _teardown, "update": _update, "create": _create, "version": _version, "--version": _short_version,
    "firewall-reload": _reload, "firewalld-reload": _reload, "nftables-reload": _reload, "dhcp-proxy": _dhcp_proxy, "help": lambda _: HELP,
}  # fmt: skip


# -- what it is given ------------------------------------------------------------------------------------------------------------


def _text(words: Words) -> bytes:
    try:
        fd = os.open(words.file, os.O_RDONLY | os.O_CLOEXEC) if words.file else os.dup(0)
    except OSError as error:
        raise CallFailed(f"cannot open {words.file}", error.errno or 0, why=error.strerror or "") from None
    try:
        parts = []
        while part := os.read(fd, 1 << 16):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(fd)


def _read(words: Words, read: "Callable[[bytes], Any]") -> "Any":
    try:
        return read(_text(words))
    except ValueError as error:
        raise Invalid(f"failed to load network options: {error}") from None


def _how(words: Words) -> "How":
    from .making import How, note

    if words.rootless and words.config and not os.environ.get("NETWRIGHT_RUN_DIR"):
        from .rootless import settled

        os.environ["NETWRIGHT_RUN_DIR"] = settled(words.config)
    driver = words.firewall or os.environ.get("NETAVARK_FW", "")
    if driver not in ("", "nftables", "iptables", "none"):
        raise Invalid(f'firewall driver "{driver}" cannot be had', why="netwright has nftables, and none", fix="unset NETAVARK_FW, or firewall_driver in containers.conf")
    if driver == "iptables":
        note("firewall driver iptables: the rules are nftables' all the same")
    config = words.config or ("/run/containers/networks" if not words.rootless else "")
    return How(words.operand, config, _aardvark(words), words.plugins, driver != "none", _dns_port(), words.rootless)


def _aardvark(words: Words) -> str:
    """The program for names where it is somebody else's."""
    return words.aardvark if is_foreign(words.aardvark) else ""


def is_foreign(path: str) -> bool:
    """Whether the program for names that podman gives is somebody else's. Where there is none, ours serves."""
    if not path or not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return b"netwright.netavark.aardvark" not in file.read(4096)
    except OSError:
        return True


def _dns_port() -> int:
    text = os.environ.get("NETAVARK_DNS_PORT", "53")
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Invalid(f"Invalid NETAVARK_DNS_PORT {text}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
