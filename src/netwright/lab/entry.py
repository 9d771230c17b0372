"""The way into a running lab, for commands that must be quick: plain files beside the journal, read without a database.

`entry` has the boot and the holder on its first line, then a line for each host whose programs see files of their own.
`hosts` has the name of each host on a line: completion in the shell reads it. Both are written anew after every change, and
only ever believed where the holder that they name lives; else the journal says what is the matter.
"""

from __future__ import annotations

import os

from ..errors import CallFailed, Gone, Invalid
from ..kernel.holder import Holder, alive, enter, foreign_user_namespace
from ..kernel.syscalls import CLONE_NEWNET, CLONE_NEWNS, setns
from . import runtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.state import State

FILES = ("entry", "hosts")
ROOT = "@"


# -- writing and reading ---------------------------------------------------------------------------------------------------


def write(directory: str, holder: Holder, state: State) -> None:
    """Write both files for a lab that is what `state` says."""
    hosts = [name for name in state.namespaces if name != ROOT]
    views = [f"{name} {state.namespaces[name].view}" for name in hosts if state.namespaces[name].view]
    _put(f"{directory}/entry", "\n".join([f"{_boot()} {holder.pid} {holder.start}", *views, ""]))
    _put(f"{directory}/hosts", "".join(f"{name}\n" for name in hosts))


def _put(path: str, text: str) -> None:
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(f"{path}.new", path)


def _boot() -> str:
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def holder_and_views(lab: str) -> tuple[Holder, dict[str, str]]:
    """The living holder of a lab, and the views of hosts that have one. Gone, Invalid with the reason."""
    try:
        with open(f"{runtime.directory(lab)}/entry", encoding="utf-8") as file:
            boot, pid, start = file.readline().split()
            views = dict(line.split(None, 1) for line in file.read().splitlines())
        found = Holder(int(pid), int(start))
    except (FileNotFoundError, ValueError):
        return _by_journal(lab)
    if not alive(found) or boot != _boot():
        return _by_journal(lab)
    return found, views


def _by_journal(lab: str) -> tuple[Holder, dict[str, str]]:
    from .held import Held

    held = Held(lab)
    holder = held.holder()
    return holder, {name: there.view for name, there in held.wanted().namespaces.items() if there.view}


def hosts(lab: str) -> list[str]:
    """The names of a lab's hosts."""
    try:
        with open(f"{runtime.directory(lab)}/hosts", encoding="utf-8") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        from .held import Held

        return [name for name in Held(lab).wanted().namespaces if name != ROOT]


# -- names -----------------------------------------------------------------------------------------------------------------


def split(reference: str) -> tuple[str, str]:
    """LAB and HOST of "LAB/HOST". Invalid for anything else."""
    lab, slash, host = reference.partition("/")
    if not slash or not lab or not host or "/" in host:
        raise Invalid(f'"{reference}" is no host of a lab', why="it is written LAB/HOST, and LAB/@ is where the switches are", fix=_hint(lab))
    return lab, host


def _hint(lab: str) -> str:
    known = runtime.names()
    if lab in known:
        return f"hosts of {lab}: {_some(hosts(lab))}"
    return f"labs: {_some(known)}" if known else "there is no lab yet: nw up FILE"


def _some(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def no_such_host(lab: str, host: str, known: list[str] | None = None) -> Gone:
    """There is no host of that name; the nearest one of `known` (those that are written down)."""
    from difflib import get_close_matches

    known = hosts(lab) if known is None else known
    close = get_close_matches(host, known, 1)
    fix = f'did you mean "{lab}/{close[0]}"?' if close else f"hosts of {lab}: {_some(known)}"
    return Gone(f'there is no host "{host}" in {lab}', fix=fix)


def reached(reference: str) -> str:
    """The path at which LAB/HOST can be opened from outside: for `nw -n LAB/HOST` and `nw netns exec`. Invalid without root."""
    lab, host = split(reference)
    holder, _ = holder_and_views(lab)
    path = f"/proc/{holder.pid}/root/run/netns/{host}"
    if os.geteuid() != 0 or foreign_user_namespace(holder):
        why = "a namespace of a user's lab is entered together with the lab"
        raise Invalid(f'Cannot open network namespace "{reference}": not from here', why=why, fix=f"nw exec {reference} ip …")
    if not os.path.exists(path):
        raise no_such_host(lab, host)
    return path


# -- going in --------------------------------------------------------------------------------------------------------------


def go_in(lab: str, host: str, *, sysfs: bool = True) -> list[str]:
    """This process (of one thread) goes on in a host of a running lab, in a child; what it has to do without, in words.

    See kernel.holder.enter: the caller is moved into the lab's namespaces, and what returns is its child there, with the
    lab's /etc/hosts, the host's network and (unless `sysfs` is False) a /sys that shows the host's devices. Gone, CallFailed.
    """
    holder, views = holder_and_views(lab)
    # Read out here: inside a lab of an ordinary user we are uid 0, whose labs are elsewhere.
    known = hosts(lab)
    enter(holder)
    try:
        settle_in(host, views.get(host, ""))
    except FileNotFoundError:
        raise no_such_host(lab, host, known) from None
    except OSError as error:
        raise CallFailed(f"cannot enter {lab}/{host}: {error.strerror}", error.errno or 0) from None
    if not sysfs or host == ROOT:
        return []
    from ..kernel.switch import mount_sysfs, own_mounts

    own_mounts()
    warning = mount_sysfs(host)
    return [warning] if warning else []


def settle_in(host: str, view: str) -> None:
    """Inside the holder: this process moves into the host's network, and sees its files. OSError."""
    net = os.open(f"/run/netns/{host}", os.O_RDONLY | os.O_CLOEXEC)
    if view:
        place = _place()
        mounts = os.open(f"/run/nw-lab/views/{view}", os.O_RDONLY | os.O_CLOEXEC)
        setns(mounts, CLONE_NEWNS)
        os.close(mounts)
        try:
            os.chdir(place)
        except OSError:
            os.chdir("/")
    setns(net, CLONE_NEWNET)
    os.close(net)


def _place() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return "/"
