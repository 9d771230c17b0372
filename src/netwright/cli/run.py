"""`nw run [OPTIONS] COMMAND…`: a program of this machine with a container's network."""

import os
import sys

from ..errors import CallFailed
from .words import Words, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..networks.wanted import Wanted

OPTIONS = {
    "--network": "NETWORK", "--net": "--network", "--name": "NAME", "--publish": "PORT", "-p": "--publish", "--publish-all": "", "-P": "--publish-all",
    "--expose": "PORT", "--hostname": "HOST", "-h": "--hostname", "--domainname": "DOMAIN", "--dns": "ADDRESS", "--dns-search": "DOMAIN",
    "--dns-option": "OPTION", "--dns-opt": "--dns-option", "--add-host": "NAME:ADDRESS", "--ip": "ADDRESS", "--ip6": "--ip", "--mac-address": "MAC",
    "--mac": "--mac-address", "--network-alias": "NAME", "--net-alias": "--network-alias", "--interface": "NAME", "--ingress": "RATE",
    "--egress": "RATE", "--label": "KEY=VALUE", "-l": "--label", "--detach": "", "-d": "--detach", "--log": "FILE", "--rm": "", "--dry-run": "",
    "--json": "",
}  # fmt: skip
# Docker's, of which nothing is left to do: the program has our terminal.
_NOTHING = {"--interactive": "", "-i": "--interactive", "--tty": "", "-t": "--tty", "-it": "--tty", "-ti": "--tty"}


def main(words: list[str]) -> int:
    """Its exit code is ours; 128 + N when a signal ended it, 126 it cannot be run, 127 there is no such command."""
    from ..kernel.contained import NotStarted
    from ..networks import running
    from .docker_words import INSTEAD

    given = Words(words, {**OPTIONS, **_NOTHING}, "COMMAND…", stop=1, instead=INSTEAD)
    asked = with_owner(wanted(given))
    if "--log" in given and "--detach" not in given:
        raise Wrong("--log without -d", fix="write -d as well; or let the shell do it: nw run … >FILE 2>&1")
    if "--dry-run" in given:
        return _planned(asked, "--json" in given)
    try:
        if "--detach" not in given:
            return running.run(asked, _warn)
        return _in_background(asked, given.get("--log"))
    except NotStarted as error:
        from .exec import failed_to_run

        return failed_to_run("run", asked.argv[0], OSError(error.errno, os.strerror(error.errno)), json="--json-errors" in given or "--json" in given)


def wanted(given: Words) -> "Wanted":
    """The words as a value. Mistakes where --network makes no sense."""
    from ..networks.wanted import Wanted, with_networks

    asked = Wanted(
        (*given.names, *given.rest), given.get("--name"), ips=given.all("--ip"), mac=given.get("--mac-address"), aliases=given.all("--network-alias"),
        interface=given.get("--interface"), publish=given.all("--publish"), expose=given.all("--expose"), publish_all="--publish-all" in given,
        hostname=given.get("--hostname"), domainname=given.get("--domainname"), dns=given.all("--dns"), search=given.all("--dns-search"),
        options=given.all("--dns-option"), hosts=given.all("--add-host"), ingress=given.get("--ingress"), egress=given.get("--egress"),
        labels=given.all("--label"),
    )  # fmt: skip
    return with_networks(asked, given.all("--network"))


def with_owner(asked: "Wanted") -> "Wanted":
    """container:X, where X is no container of ours, as the path of its namespace: docker:NAME, LAB/HOST, a PID, or a name that only
    another runtime has. Gone, Invalid, Mistakes."""
    from ..networks import containers, running
    from ..networks.wanted import CONTAINER

    of = asked.of
    plain = ":" not in of and "/" not in of
    if asked.mode != CONTAINER or of[:1] in "/." or (plain and containers.state(of) is not None):
        return asked
    from ..model.value import replace
    from .main import register_names

    running.allowed()
    register_names()
    if not plain or (of.isdigit() and os.path.exists(f"/proc/{of}")):
        from ..kernel.references import locate

        return replace(asked, of=locate(of))
    from .map_references import path_of_any

    return replace(asked, of=path_of_any(of, containers.known()))


def _warn(text: str) -> None:
    sys.stderr.write(f"nw run: {text}\n")
    sys.stderr.flush()


def _in_background(asked: "Wanted", path: str) -> int:
    from ..kernel.contained import go_away
    from ..networks import running

    log = _log(path or os.devnull)
    away = go_away()  # from here on in a process of its own
    return running.run(asked, _warn, away, log)


def _log(path: str) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise CallFailed(f"cannot write {path}: {error.strerror}", error.errno or 0, fix="take another file: --log FILE") from None


def _planned(asked: "Wanted", json: bool) -> int:
    """What would be made, as the commands that make it."""
    from ..networks import rehearsal
    from .text import put, put_json

    steps = rehearsal.steps(asked)
    if json:
        put_json(steps)
    else:
        put("\n".join(steps) or "nothing to do: the program is started, and that is all")
    return 0
