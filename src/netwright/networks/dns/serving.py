"""The life of a responder: what it reads, what wakes it, what it says of itself, when it ends."""

import os
import signal

from ...kernel import control
from ...kernel.inotify import DELETE_SELF, Watch
from ...kernel.private_run import NETWORKS
from . import zones
from .files import Files
from .loop import WRITE, Loop
from .responder import PID, SOCKET
from .server import Server
from .signals import Signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket

_AT_ONCE = 0.02  # seconds: many containers that come together cost one reading
_GRACE = 2.0  # seconds without a network before it ends
_PATIENCE = 5.0
_ALONE = 2.0
_OVERFLOW = 0x4000  # IN_Q_OVERFLOW: more has happened than was told
_LONGEST = 1024


class Serving:
    """A responder for the zones of a directory. OSError, CallFailed when it cannot even begin."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.loop = Loop()
        self.files = Files(path)
        self.server = Server(self.loop)
        # The watch before the first look: what is written between the two is not missed.
        self._watch = Watch(path)
        self._place = os.stat(path)
        self.loop.watch(self._watch.fd, self._changed)
        self._waiting = self._ending = False
        os.set_blocking(self._watch.fd, False)
        self._load_all()
        self._listen()
        stop = self.loop.stop
        Signals(self.loop, {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: self._load_all})
        if path.startswith(f"{NETWORKS}/"):
            self.loop.later(_ALONE, self._look_around)

    def _listen(self) -> None:
        self._control = control.listen(self._path, SOCKET)
        self.loop.watch(self._control.fileno(), self._asked)
        with open(f"{self._path}/{PID}", "w", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")

    def run(self) -> None:
        """Until there is nothing left to serve, or somebody says stop."""
        self.loop.run()

    def close(self) -> None:
        """Take away what says that somebody serves, and close everything."""
        if _pid_in(self._path) == os.getpid():
            for name in (SOCKET, PID):
                os.unlink(f"{self._path}/{name}")
        self.loop.forget(self._control.fileno())
        self._control.close()
        self.server.close()

    # -- changes -------------------------------------------------------------------------------------------------------------

    def _changed(self, _events: int) -> None:
        self._note()
        if not self._waiting:
            self._waiting = True
            self.loop.later(_AT_ONCE, self._load)

    def _note(self) -> None:
        """Which files have changed, as far as the kernel has told."""
        try:
            for mask, name in self._watch.read():
                if mask & _OVERFLOW:
                    self.files.note_all()
                elif mask & DELETE_SELF:
                    self.loop.stop()  # the directory has gone, with its lock: another one is somebody else's
                else:
                    self.files.note(name)
        except BlockingIOError:
            return

    def _load_all(self) -> None:
        self.files.note_all()
        self._load()

    def _is_gone(self) -> bool:
        """Whether the directory has gone, or another one has come into its place. The kernel does not say so (DELETE_SELF) while a file
        of it is open, as our lock is."""
        try:
            return not os.path.samestat(os.stat(self._path), self._place)
        except FileNotFoundError:
            return True

    def _load(self) -> None:
        self._waiting = False
        if self._is_gone():
            self.loop.stop()
            return
        if self.files.read():
            self.server.load(self.files.zones)
        if not self.files.zones and not self._ending:
            self._ending = True
            self.loop.later(_GRACE, self._end)

    def _end(self) -> None:
        """A container network that is made anew comes back within moments: only when it stays away the responder goes."""
        self._ending = False
        if self._is_gone() or not zones.names(self._path):
            self.loop.stop()
        else:
            self._load_all()

    def _look_around(self) -> None:
        """Networks of `nw rootless` end with its last process: nobody comes into its namespaces any more."""
        from ...kernel.userns import is_alone

        if is_alone():
            self.loop.stop()
        else:
            self.loop.later(_ALONE, self._look_around)

    # -- questions about itself ----------------------------------------------------------------------------------------------

    def _asked(self, _events: int) -> None:
        try:
            one = control.accept(self._control)
        except OSError:
            return  # gone again, or no files left
        if one is not None:
            Request(self, one)

    def reply(self, request: bytes) -> bytes:
        """The answer to `load`, `status` or `stop`; behind the word may stand a network: then of no other is spoken."""
        from json import dumps

        word, _, network = request.decode(errors="replace").partition(" ")
        if word == "load":
            self._note()
            if not network:
                self.files.note_all()
            self._load()
            if self.server.problems:
                self.server.settle()
        elif word == "stop":
            self.loop.stop()
        files = {name: told for name, told in self.files.problems().items() if network in ("", name)}
        known = {"pid": os.getpid(), "directory": self._path, "files": files, **self.server.status(network)}
        return dumps(known).encode()


def _pid_in(path: str) -> int:
    """Who says that it serves the directory; 0 when nobody does."""
    try:
        with open(f"{path}/{PID}", encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return 0


class Request:
    """Somebody who asks over the unix socket: a word, then its answer, then the end."""

    def __init__(self, serving: Serving, one: "_socket.socket") -> None:
        self._serving, self._one, self._in, self._out = serving, one, b"", b""
        self._timer = serving.loop.later(_PATIENCE, self._close)
        serving.loop.watch(one.fileno(), self._ready)

    def _ready(self, _events: int) -> None:
        try:
            if self._out:
                self._out = self._out[self._one.send(self._out) :]
                if not self._out:
                    self._close()
                return
            part = self._one.recv(_LONGEST)
        except BlockingIOError:
            return
        except OSError:
            self._close()
            return
        self._in += part
        if len(self._in) > _LONGEST:
            self._close()
        elif not part:
            self._out = self._serving.reply(self._in)
            self._serving.loop.change(self._one.fileno(), WRITE)

    def _close(self) -> None:
        self._timer.cancel()
        self._serving.loop.forget(self._one.fileno())
        self._one.close()
