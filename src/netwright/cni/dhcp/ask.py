"""The plugin's side: ask the daemon, and start it when nobody else has.

How it works. Who listens at the socket may be upstream's daemon as well as ours. Where nobody listens, ours is started in the background
(a session of its own, its messages in a file beside its leases), once, by whoever comes first: the daemon holds a lock, and gives its
socket a name only when it listens. A daemon that is to outlive the runtime, or to run elsewhere, is started beforehand: `nw cni dhcp daemon`.
"""

import os
import sys
import time

from ...kernel.local_socket import connected
from ...model.jsontext import write
from ..protocol.errors import DELEGATE_FAILED, NOT_AVAILABLE, TRY_AGAIN_LATER, CniError
from . import rpc

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from typing import Any

    from ..protocol import Call

LONGEST = 300.0  # seconds; the daemon itself gives up before that
_NOBODY = (FileNotFoundError, ConnectionRefusedError)
_START = "start one: nw cni dhcp daemon"
_SILENT = ("no DHCP server answered", "did not answer")  # words of client.py
_LONG_LOG = 1 << 20
_TRIES = 100  # of 10 ms, for somebody else's daemon that is about to listen


def call(path: str, method: str, asked: "Call", *, start: bool = False) -> "dict[str, Any] | None":
    """The daemon's reply. None when there is no daemon, and none was to be started. CniError."""
    channel = reached(path, start=start)
    if channel is None:
        return None
    question = rpc.Question(method, _arguments(asked))
    try:
        answer = _answer(channel, question)
    except TimeoutError:
        raise CniError(TRY_AGAIN_LATER, f"the DHCP daemon at {path} has not answered in {LONGEST:g} s") from None
    except (OSError, ValueError) as error:
        raise CniError(DELEGATE_FAILED, f"the DHCP daemon at {path}: {error}", "is it a DHCP daemon of CNI that listens there?") from None
    finally:
        channel.close()
    if answer is None:
        raise CniError(TRY_AGAIN_LATER, f"the DHCP daemon at {path} has ended before it answered", "try again")
    said, reply = answer
    if said:
        code = TRY_AGAIN_LATER if any(words in said for words in _SILENT) else DELEGATE_FAILED
        raise CniError(code, f"error calling {method}: {said}", "is there a DHCP server in this network?" if code == TRY_AGAIN_LATER else "")
    return reply


def _answer(channel: "_socket.socket", question: rpc.Question) -> "tuple[str, dict[str, Any]] | None":
    """What is answered; None when the connection ends before. OSError, ValueError."""
    channel.sendall(question.greeting)
    asked = False
    while data := channel.recv(1 << 16):
        if (answer := question.feed(data)) is not None:
            return answer
        if question.is_greeted and not asked:
            channel.sendall(question.request)
            asked = True
    return None


def reached(path: str, *, start: bool = False) -> "_socket.socket | None":
    """A connection to the daemon; None when there is none, and none was to be started. CniError 50."""
    try:
        return connected(path, LONGEST)
    except _NOBODY:
        if not start:
            return None
        return _after(started(path), path)
    except OSError as error:
        raise _not_there(path, error) from None


def _after(told: str, path: str) -> "_socket.socket":
    """A connection to the daemon that was started, or, when ours ended at once, to the one that somebody else has just started."""
    for left in range(_TRIES, -1, -1):
        try:
            return connected(path, LONGEST)
        except _NOBODY as error:
            if not left:
                raise _not_there(path, error, told) from None
            time.sleep(0.01)
        except OSError as error:
            raise _not_there(path, error, told) from None
    raise AssertionError  # the last try has either come back or failed


def _not_there(path: str, error: OSError, told: str = "") -> CniError:
    return CniError(NOT_AVAILABLE, f"error dialing DHCP daemon: {path}: {error.strerror or error}", f"{told}{_START}")


def started(path: str) -> str:
    """Start our daemon, and wait until it listens; what went wrong, if it does not."""
    from ...networks.directories import made, run_directory

    log = f"{made(f'{run_directory()}/.dhcp')}/daemon.log"
    too_long = os.O_TRUNC if os.path.exists(log) and os.path.getsize(log) > _LONG_LOG else 0
    ours, theirs = os.pipe2(os.O_CLOEXEC)
    script = f"import sys; sys.path[:0] = [{_source()!r}]; from {__package__}.service import main; sys.exit(main(sys.argv[1:]))"
    argv = [sys.executable, "-I", "-S", "-E", "-c", script, "-ready", "-socketpath", path]
    ways = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, theirs, 1),
        (os.POSIX_SPAWN_OPEN, 2, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | too_long, 0o600),
    ]
    try:
        os.posix_spawn(sys.executable, argv, _environment(), file_actions=ways, setsid=True)
        os.close(theirs)
        theirs = -1
        if os.read(ours, 64):
            return ""
    except OSError as error:
        return f"it could not be started ({error.strerror}); "
    finally:
        for fd in (ours, theirs):
            if fd >= 0:
                os.close(fd)
    return f"what it says is in {log}; "


def _source() -> str:
    """The directory in which our package is."""
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def _environment() -> "dict[str, str]":
    """Ours without what belongs to this one call."""
    return {name: text for name, text in os.environ.items() if not name.startswith(("CNI_", "LISTEN_"))}


def _arguments(asked: "Call") -> "dict[str, Any]":
    args = ";".join(f"{name}={text}" for name, text in asked.args.items())
    return {
        "ContainerID": asked.container,
        "Netns": os.path.abspath(asked.netns) if asked.netns else "",
        "IfName": asked.ifname,
        "Args": args,
        "Path": ":".join(asked.path),
        "NetnsOverride": os.environ.get("CNI_NETNS_OVERRIDE", ""),
        "StdinData": write(asked.config.data).encode(),
    }
