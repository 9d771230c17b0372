"""`-batch FILE --atomic`: every line is read and checked before the first is done; when one fails, all is as it was.

Lines that cannot be taken back are refused beforehand: deleting a link or moving one, running a command.
"""

import os

from ..errors import NetwrightError
from ..kernel import namespaces
from ..plan import ops
from .batch import report_line, run_line
from .context import Context
from .exits import LOCAL, Exit
from .front import NotOurs, report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..plan.ops import Op

Lines = list[tuple[int, list[str]]]


class CheckedLinks:
    """Links as they will be: those of the kernel, and those that earlier lines make (with numbers of their own)."""

    def __init__(self, context: Context) -> None:
        from .links import Links

        self._real = Links(context)
        self._made: list[str] = []

    def make(self, name: str) -> None:
        """A line makes or renames a link to `name`."""
        self._made.append(name)

    def index(self, name: str) -> int:
        """Its index, or a made-up one; 0 when no line and no kernel knows it."""
        return self._real.index(name) or (100000 + self._made.index(name) if name in self._made else 0)

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


class Checking(Context):
    """A context that does nothing: operations are looked at and remembered."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.options, applet=context.applet, program=context.program)
        self.in_batch = True
        self.names: set[str] = set()
        self.stdout = lambda _: None
        self._checked = CheckedLinks(self)

    @property
    def links(self) -> "CheckedLinks":  # type: ignore[override]
        """Links as the lines so far will have made them."""
        return self._checked

    def apply(self, op: "Op") -> int:
        """Look at the operation: refuse what cannot be taken back, remember what it makes."""
        if isinstance(op, ops.DeleteLink) or (isinstance(op, ops.SetLink) and {"net_ns_fd", "net_ns_pid"} & set(op.settings)):
            raise Exit(LOCAL, "this line cannot be taken back", why="a deleted or moved link is not what it was when it is made again")
        if isinstance(op, (ops.AddNamespace, ops.AttachNamespace)):
            self._new_name(op.name)
        if isinstance(op, (ops.AddLink, ops.SetLink)) and "ifname" in op.settings:
            self._checked.make(op.settings["ifname"])
        return 0

    def _new_name(self, name: str) -> None:
        if name in self.names or namespaces.exists(name):
            path = namespaces.path_of(name)
            raise Exit(LOCAL, f'Cannot create namespace file "{path}": File exists', fix=f"nw netns delete {name}")
        self.names.add(name)


_SAFE = {"netns": ("add", "attach", "set", "delete")}


def run_atomic(context: Context, path: str, lines: Lines) -> int:
    """Check all lines, do all lines; the exit code. On a failure the namespace is put back."""
    wrong = _check(context, path, lines)
    if wrong:
        return wrong
    if context.options.dry_run:
        return 0
    from ..engine.snapshot import go_back, snapshot

    before, pinned = snapshot(context.session), _pinned()
    try:
        for number, words in lines:
            context.out = context.new_output()
            code = run_line(context, words)
            if code:
                report_line(context, path, number)
                kept = go_back(context.session, before) + _names_back(pinned)
                context.stderr("    everything is as it was before\n" if not kept else f"    not taken back: {'; '.join(kept)}\n")
                return code
    finally:
        for fd in pinned.values():
            os.close(fd)
    return 0


def _check(context: Context, path: str, lines: Lines) -> int:
    """Every line's mistakes, all at once; 0 when there is none."""
    checking = Checking(context)
    worst = 0
    for number, words in lines:
        try:
            _check_line(checking, words)
        except (Exit, NetwrightError) as error:
            from .front import as_exit

            end = error if isinstance(error, Exit) else as_exit(error)
            report(context, end)
            report_line(context, path, number)
            worst = max(worst, end.code)
        except NotOurs:
            report(context, Exit(LOCAL, f"{' '.join(words)}: for the real ip", why="what it does cannot be taken back"))
            report_line(context, path, number)
            worst = max(worst, LOCAL)
    return worst


def _check_line(checking: Checking, words: list[str]) -> None:
    from .front import command, object_of

    if object_of(words[0]) == "netns":
        _check_netns(checking, words[1:])
    elif object_of(words[0]) == "monitor" or (len(words) > 1 and words[1] == "flush"):
        raise Exit(LOCAL, "this line cannot be checked before it is done", fix="run it outside of the atomic batch")
    else:
        command(checking, words)


def _check_netns(checking: Checking, words: list[str]) -> None:
    from .netns import COMMANDS
    from .netns import main as netns
    from .words import matches

    name = next((full for full in COMMANDS if words and matches(words[0], full)), "list")
    if name not in _SAFE["netns"] and COMMANDS[name] not in ("list", "list_id", "identify", "pids"):
        raise Exit(LOCAL, "this line cannot be taken back", why=f"netns {name} does more than change names")
    if name == "delete" and len(words) > 1 and not (words[1] in checking.names or namespaces.exists(words[1])):
        path = namespaces.path_of(words[1])
        raise Exit(LOCAL, f'Cannot remove namespace file "{path}": No such file or directory')
    if name == "add":
        netns(checking, words)


def _pinned() -> dict[str, int]:
    """Every name with its namespace held open, so that a deleted name can be given back."""
    out = {}
    for name in namespaces.names():
        try:
            out[name] = namespaces.open_namespace(name)
        except NetwrightError:
            continue
    return out


def _names_back(pinned: dict[str, int]) -> list[str]:
    """Names that were made go, names that went come back; what failed, in words."""
    failed = []
    for name in namespaces.names():
        if name not in pinned:
            try:
                namespaces.delete(name)
            except NetwrightError as error:
                failed.append(error.what)
    for name, fd in pinned.items():
        if not namespaces.exists(name):
            try:
                namespaces.pin(name, f"/proc/self/fd/{fd}")
            except NetwrightError as error:
                failed.append(error.what)
    return failed
