"""`--remote ssh://[USER@]HOST[:PORT]`: the map of another machine, made by the nw that is there, and shown here as any other."""

import re

from ..errors import CallFailed, Invalid, NetwrightError
from .words import Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..hostmap.model import HostMap

# No part begins with -: ssh would take it for an option.
_URL = re.compile(r"ssh://(?:([^\s@/:-][^\s@/:]*)@)?(\[[0-9A-Fa-f:.%\w]+\]|[^\s@/:\[\]-][^\s@/:\[\]]*)(?::(\d{1,5}))?/?")
_NOT_THERE, _NO_SSH = 127, 255  # a shell's exit code for a command that is nowhere; ssh's own for every failure of its own


def taken(url: str, details: "Sequence[str]", *, sudo: bool) -> "HostMap":
    """The map of the machine at `url`. Wrong, CallFailed, Invalid."""
    from ..kernel.remote import answered

    user, host, port = parts(url)
    place = [*(["-p", port] if port else []), *(["-l", user] if user else []), "--", host]
    command = [*(["sudo", "-n"] if sudo else []), "nw", "map", "--json", "--detail", ",".join(details) or "none"]
    code, out, said = answered(place, command)
    if code:
        raise _failed(host, code, said, sudo)
    return _read(out, host)


def parts(url: str) -> tuple[str, str, str]:
    """User, host and port; "" for what is not given. Wrong."""
    found = _URL.fullmatch(url)
    if not found or not 0 <= int(found[3] or 1) < 65536 or found[3] == "0":
        raise Wrong(f'"{url}" is no place to go to', fix="nw map --remote ssh://[USER@]HOST[:PORT]")
    return found[1] or "", found[2].strip("[]"), found[3] or ""


def _failed(host: str, code: int, said: str, sudo: bool) -> NetwrightError:
    """In the words of whoever failed: ssh, sudo, the shell there, or nw."""
    why = _words(said)
    if code == _NO_SSH:
        return CallFailed(f"cannot reach {host} by ssh", 0, why=why, fix=_way_in(host, said))
    if code == _NOT_THERE or (sudo and "nw: command not found" in said):
        fix = f"get it there (in its sources: sudo make install), so that this works: ssh {host} nw map"
        return CallFailed(f"there is no nw on {host}", 0, why=why, fix=fix)
    if sudo and said.startswith("sudo:"):
        return CallFailed(f"sudo on {host} wants to be asked", 0, why=why, fix=f"--remote ssh://root@{host}; or allow nw in its sudoers with NOPASSWD")
    if '"map" is unknown' in said:
        return CallFailed(f"the nw on {host} makes no maps", 0, why=why, fix="it is too old: install a newer one there")
    return CallFailed(f"nw map on {host} ended with {code}", 0, why=why, fix=f"see: ssh {host} nw map")


def _way_in(host: str, said: str) -> str:
    if "Host key verification failed" in said:
        return f"say yes to its key once: ssh {host}"
    if "Permission denied" in said:
        return f"a key that needs no question: ssh-copy-id {host}, and ssh-add where it has a passphrase"
    return f"see: ssh -v {host}"


def _words(said: str) -> str:
    """What was written to stderr, in one line that a terminal may be shown."""
    from ..hostmap.spoken import shown

    lines = [shown(line.strip()) for line in said.splitlines() if line.strip()]
    return "; ".join(lines[-4:])


def _read(out: bytes, host: str) -> "HostMap":
    import json

    from ..hostmap.plain import from_plain

    try:
        return from_plain(json.loads(out))
    except (ValueError, RecursionError) as error:
        fix = f"what else is written there at login? See: ssh {host} true"
        raise Invalid(f"{host} answered no map", why=str(error), fix=fix) from None
