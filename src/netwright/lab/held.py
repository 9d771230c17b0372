"""A lab that outlives the command that made it: kept by a holder, written down in a journal.

`Held(name)` is one such lab, running or not. `up` leads it to a topology, whatever it is now, and leaves it as it was when
that fails; `down` ends the holder, and with it everything. kill -9 in between leaves either a holder that ends by itself
(it was not committed yet), or a change that is written down, which the next command leads to its end (`settle`).
"""

from __future__ import annotations

import os
import time

from ..engine.journal import Journal, remove_files
from ..errors import Gone, NetwrightError
from ..kernel import holder as holders
from ..kernel.holder import Holder
from ..model.state import NOTHING, Namespace, State
from ..model.value import value
from . import runtime
from .inside import InsideFailed, inside
from .known import completed, merged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..plan.ops import Op
    from .topology import Topology

    Progress = Callable[[int, int], None]


@value
class Status:
    """`state` is up, down (written down, nothing runs), half (a change was broken off) or dead (its holder is gone)."""

    name: str
    state: str
    hosts: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    file: str = ""
    since: float = 0.0
    holder: int = 0
    pinned: bool = False
    publish: tuple[str, ...] = ()


@value
class Change:
    """What `up` did: the operations, whether the lab was `made` anew, and the seconds it took."""

    plan: tuple[Op, ...]
    made: bool
    seconds: float = 0.0


@value
class Goal:
    """What `up` leads to: what was written, what it means, whether its hosts get names in /run/netns, where it was read."""

    topology: Topology
    want: State
    pinned: bool
    file: str

    def facts(self) -> dict[str, Any]:
        """What the journal keeps of it beside the State."""
        from .topology_json import written

        return {"topology": written(self.topology), "file": self.file, "pinned": self.pinned or None}


class LabFailed(NetwrightError):
    """An `up` that was taken back: `path` and `place` of what in the lab it was about, as far as that can be told."""

    def __init__(self, what: str, *, why: str = "", fix: str = "", op: Any = None) -> None:
        super().__init__(what, why=why, fix=fix)
        self.op = op


class Held:
    """One lab by name. Every method takes the lab's lock while it works."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.directory = runtime.directory(name)

    # -- what is known ---------------------------------------------------------------------------------------------------

    def exists(self) -> bool:
        """Whether it is written down."""
        return os.path.exists(f"{self.directory}/lab.db")

    def status(self) -> Status:
        """What it is now. Gone when nothing is written down."""
        self._must_exist()
        with Journal(self.directory, make=False) as journal:
            return status_of(self.name, journal)

    def holder(self) -> Holder:
        """The living holder. Gone when the lab is not up."""
        self._must_exist()
        with Journal(self.directory, make=False) as journal:
            found = living(journal)
            half = journal.get("changing") is not None
        if found is None:
            raise Gone(f"lab {self.name} is not up", why="its holder is gone" if not half else "an `up` was broken off", fix=f"nw up FILE, or remove what is written down: nw down {self.name}")
        return found

    def wanted(self) -> State:
        """What was wanted of it last."""
        with Journal(self.directory, make=False) as journal:
            return journal.state("wanted") or NOTHING

    def _must_exist(self) -> None:
        if not self.exists():
            from ..model.meant import did_you_mean

            known = runtime.names()
            fix = did_you_mean(self.name, known) or ("labs are listed by: nw ls" if known else "make one with: nw up FILE")
            raise Gone(f'there is no lab "{self.name}"', fix=fix)

    # -- changing --------------------------------------------------------------------------------------------------------

    def pending(self, topology: Topology) -> Change:
        """What `up` would do; nothing is done."""
        from .compile import compile

        want = compile(topology)
        started = time.monotonic()
        if not self.exists():
            return Change(tuple(planned(fresh(), want)), True)
        with runtime.Lock(self.directory), Journal(self.directory, make=False) as journal:
            found = living(journal)
            if found is None:
                return Change(tuple(planned(fresh(), want)), True)
            known = known_of(journal)
            plan = inside(found, lambda _: planned(seen(known, want), completed(want, known, journal.get("sysctls") or {})))
        return Change(tuple(plan), False, time.monotonic() - started)

    def up(self, topology: Topology, *, file: str = "", pin: bool | None = None, progress: Progress | None = None, verify: bool = False) -> Change:
        """Lead the lab to `topology`. LabInvalid before anything is done; LabFailed when it was taken back."""
        from . import outside
        from .compile import compile

        want = compile(topology)
        started = time.monotonic()
        with runtime.Lock(self.directory):
            had = self.exists()
            try:
                with Journal(self.directory) as journal:
                    found = self._stands(journal)
                    pinned = bool(journal.get("pinned")) if pin is None else pin
                    outside.check(self.name, journal, topology, pinned)
                    goal = Goal(topology, want, pinned, file)
                    change = self._change(journal, found, goal, progress, verify) if found else self._make(journal, goal, progress)
            except BaseException as error:
                if not had:
                    remove_files(self.directory)
                if isinstance(error, OSError):
                    raise runtime.refused(f"lab {self.name} cannot come up", error) from None
                raise
        return Change(change.plan, change.made, time.monotonic() - started)

    def _stands(self, journal: Journal) -> Holder | None:
        """The holder of a lab that is whole: what was broken off before is led to its end first."""
        found = living(journal)
        if found is None:
            return None
        if journal.get("half") or journal.get("going"):
            self._end(journal, found)
            return None
        self._go_back(journal, found)
        return found

    def _end(self, journal: Journal, holder: Holder | None) -> None:
        """What is outside first: when the holder has gone, nothing inside can be asked any more."""
        from . import outside

        outside.remove_all(journal, holder)
        if holder is not None:
            holders.end(holder)

    def _make(self, journal: Journal, goal: Goal, progress: Progress | None) -> Change:
        self._end(journal, None)
        journal.put(holder=None, wanted=None, changing=None, since=None, sysctls=None, topology=None, pinned=None, going=None)
        starting = holders.start(self.name)
        holder = starting.holder
        try:
            journal.put(holder=[holder.pid, holder.start], half=True)
            plan = planned(fresh(), goal.want)
            sysctls = inside(holder, lambda tell: enacted(plan, goal.want, NOTHING, tell), _share(progress, len(plan)))
            self._settle_outside(journal, holder, goal)
            journal.done(goal.want, sysctls=sysctls, since=time.time(), **goal.facts())
            starting.commit()
            journal.put(half=None)  # only now: until `commit` the holder ends with us, a moment later
        except BaseException as error:
            self._take_away(journal, holder)
            if isinstance(error, (NetwrightError, OSError)):
                raise failed(error, self.name) from None
            raise
        return Change(tuple(plan), True)

    def _take_away(self, journal: Journal, holder: Holder) -> None:
        self._end(journal, holder)
        remove_files(self.directory)

    def _settle_outside(self, journal: Journal, holder: Holder, goal: Goal) -> None:
        from . import entry, outside

        outside.settle(self.name, journal, holder, goal.topology, goal.want, goal.pinned)
        entry.write(self.directory, holder, goal.want)

    def _change(self, journal: Journal, holder: Holder, goal: Goal, progress: Progress | None, verify: bool) -> Change:
        known = known_of(journal)
        defaults = journal.get("sysctls") or {}
        journal.begin(goal.want)
        share = _Later(progress)
        gone_back_inside = False
        try:
            try:
                plan, sysctls = inside(holder, lambda tell: changed(known, goal.want, defaults, tell, verify), share)
            except InsideFailed as error:
                gone_back_inside = error.kind != ""  # the child was killed in the middle: nobody has led the lab back yet
                raise
            self._settle_outside(journal, holder, goal)
            journal.done(goal.want, sysctls={**sysctls, **defaults}, **goal.facts())
        except (NetwrightError, OSError, KeyboardInterrupt) as error:
            if gone_back_inside:
                journal.went_back()
            else:
                self._go_back(journal, holder)
            if isinstance(error, KeyboardInterrupt):
                raise
            raise failed(error, self.name) from None
        return Change(tuple(plan), False)

    def down(self) -> bool:
        """End the lab and everything in it; True when there was one. What is written down goes last."""
        if not self.exists():
            return False
        with runtime.Lock(self.directory):
            there = self.exists()
            if there:
                with Journal(self.directory) as journal:
                    journal.put(going=True)
                    self._end(journal, living(journal))
            remove_files(self.directory)
        return there

    def settle(self) -> str:
        """After a crash: lead what was broken off to its end. What was done, in a word: "", "removed", "went back"."""
        with runtime.Lock(self.directory):
            if self.exists():
                with Journal(self.directory) as journal:
                    found = living(journal)
                    if found is not None and not journal.get("half") and not journal.get("going"):
                        return self._go_back(journal, found)
                    self._end(journal, found)
            remove_files(self.directory)
        return "removed"

    def _go_back(self, journal: Journal, holder: Holder) -> str:
        """A change that was broken off is taken back, inside and outside."""
        from .topology_json import read

        changing = journal.state("changing")
        if changing is None:
            return ""
        known = journal.state("wanted") or NOTHING
        inside(holder, lambda _: gone_back(known, changing))
        before = Goal(read(journal.get("topology")), known, bool(journal.get("pinned")), "")
        self._settle_outside(journal, holder, before)
        journal.went_back()
        return "went back"


# -- parts ---------------------------------------------------------------------------------------------------------------------


def living(journal: Journal) -> Holder | None:
    """The holder that is written down, when it lives."""
    found = journal.get("holder")
    if not found:
        return None
    holder = Holder(*found)
    return holder if holders.alive(holder) else None


def status_of(name: str, journal: Journal) -> Status:
    """A lab's status from its journal."""
    wanted = journal.state("wanted") or NOTHING
    found = living(journal)
    broken = journal.get("changing") is not None or any(journal.get(fact) for fact in ("half", "going"))
    state = "half" if broken else "up" if found else "dead" if journal.get("holder") else "down"
    root = wanted.namespaces.get("@", Namespace())
    switches = tuple(d for d, device in root.devices.items() if device.kind == "bridge")
    published = tuple(thing.name for thing in journal.outside("relay"))
    return Status(
        name, state, tuple(n for n in wanted.namespaces if n != "@"), switches, journal.get("file") or "", journal.get("since") or 0.0,
        found.pid if found else 0, bool(journal.get("pinned")), published,
    )  # fmt: skip


def fresh() -> State:
    """What a holder makes: the lab's own namespace, with lo up."""
    from ..model.state import Device

    return State({"@": Namespace({"lo": Device(up=True)})})


def known_of(journal: Journal) -> State:
    """What may be there: what was wanted, and what a broken-off change may have brought."""
    return merged(journal.state("wanted") or NOTHING, journal.state("changing") or NOTHING)


def planned(now: State, want: State) -> list[Op]:
    """The plan."""
    from ..plan.planner import plan

    return plan(now, want)


def _share(progress: Progress | None, whole: int) -> Callable[[Any], None] | None:
    return (lambda news: progress(news, whole)) if progress else None


class _Later:
    """Progress of a plan whose length is told by the child first."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._whole = progress, 0

    def __call__(self, news: Any) -> None:
        if isinstance(news, tuple):
            self._whole = news[0]
        elif self._progress:
            self._progress(news, self._whole)


def failed(error: NetwrightError | OSError, name: str) -> LabFailed:
    """The error of an `up` that was taken back."""
    if isinstance(error, OSError):
        error = runtime.refused(f"lab {name} cannot come up", error)
    return LabFailed(error.what, why=error.why, fix=error.fix, op=error.op if isinstance(error, InsideFailed) else None)


# -- inside the holder ---------------------------------------------------------------------------------------------------------


def seen(known: State, want: State) -> State:
    """What is there now."""
    from ..engine.look import look
    from ..engine.place import Names
    from ..kernel.views import HeldViews
    from .compile import GROUP

    with Names() as place:
        return look(place, merged(known, want), group=GROUP, overlay=HeldViews())


def enacted(plan: list[Op], want: State, known: State, tell: Callable[[Any], None]) -> dict[str, dict[str, str]]:
    """Do the plan and wait until the lab is ready; the sysctls as they were before."""
    from ..engine.enact import enact
    from ..engine.place import Names
    from ..engine.ready import wait_until_ready
    from ..kernel.views import HeldViews

    with Names() as place:
        before = sysctls_before(plan, place)
        enact(plan, place, HeldViews(), tell)
        wait_until_ready(place, want, touched(plan, want))
        return before


def sysctls_before(plan: list[Op], place: Any) -> dict[str, dict[str, str]]:
    """What the plan's sysctls are now, in namespaces that are there; a new namespace has the kernel's own, read from the lab's."""
    from ..kernel import sysctl
    from ..plan import ops

    wanted: dict[str, list[str]] = {}
    for op in plan:
        if isinstance(op, ops.SetSysctl):
            wanted.setdefault(op.namespace, []).append(op.key)
    there = set(place.names())
    return {name: sysctl.read(place.fd(name if name in there else "@"), keys) for name, keys in wanted.items()}


def touched(plan: list[Op], want: State) -> list[str]:
    """The namespaces in which something was done."""
    names = {name for op in plan for name in (getattr(op, "namespace", ""), getattr(op, "name", ""))}
    return [name for name in want.namespaces if name in names]


def changed(known: State, want: State, defaults: dict[str, dict[str, str]], tell: Callable[[Any], None], verify: bool) -> tuple[list[Op], dict[str, dict[str, str]]]:
    """Lead the running lab to `want`; when that fails, back to what it was."""
    from ..model.state import projected

    whole = completed(want, known, defaults)
    before = seen(known, want)
    plan = planned(before, whole)
    tell((len(plan),))
    try:
        sysctls = enacted(plan, want, known, tell)
        if verify and (left := planned(seen(known, want), whole)):
            raise InsideFailed("the lab is not as it was asked for", why=f"{len(left)} operations are still to do", op=left[0])
    except (NetwrightError, OSError, KeyboardInterrupt):
        gone_back(projected(before, known), want)
        raise
    return plan, sysctls


def gone_back(before: State, tried: State) -> None:
    """Lead the lab to what it was before. In rounds: what was broken off may not be over when we look."""
    from ..engine.enact import enact
    from ..engine.place import Names
    from ..kernel.views import HeldViews

    for _ in range(3):
        plan = planned(seen(before, tried), before)
        if not plan:
            return
        with Names() as place:
            enact(plan, place, HeldViews())
