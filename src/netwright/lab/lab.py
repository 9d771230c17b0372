"""A lab in Python: `with Lab.load("raft.lab.yaml") as net: net["client"].run(["ping", "-c1", "n2"])`.

It lives in open files of this process and nowhere else, so that two labs never meet, and nothing is left when the process
ends, however it ends. Hosts, switches and cables may be added before and after `up`; using a host brings the lab up to date.
"""

from __future__ import annotations

import sys

from ..errors import Invalid
from ..model.state import NOTHING, State
from ..model.value import replace
from .topology import Cable, Check, Link, Policy, Publish, Route, Switch, Topology
from .topology import Host as HostSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType
    from typing import Any

    from ..engine.place import Files
    from ..kernel.guard import Guard
    from ..kernel.holder import Holder
    from ..kernel.spawn import Where
    from ..kernel.views import OwnViews
    from ..plan.ops import Op
    from .checks import Result
    from .host import Host

    Names = str | Iterable[str]


class Lab:
    """A lab of this process. `topology` is what was written down so far, `state` what that means, `up` makes it so."""

    def __init__(self, name: str = "lab", *, pool: Names = (), topology: Topology | None = None) -> None:
        self.topology = topology or Topology(name, pool=_several(pool))
        self._known: State = NOTHING
        self._made_from: Topology | None = None
        self._reached: Topology | None = None
        self._state: State | None = None
        self._place: Files | None = None
        self._views: OwnViews | None = None
        self._guard: Guard | None = None
        self._programs: list[subprocess.Popen[Any]] = []
        self._hosts: dict[str, Host] = {}
        self._relay: Holder | None = None
        self._published: tuple[object, ...] = ()

    @classmethod
    def load(cls, path: str) -> Lab:
        """A lab from a file (YAML, TOML, JSON). LabFileInvalid with every mistake and its place."""
        from .load import load

        return cls(topology=load(path))

    @classmethod
    def loads(cls, text: str, *, name: str = "<text>") -> Lab:
        """A lab from text in YAML."""
        from .load import loads

        return cls(topology=loads(text, name=name))

    @property
    def name(self) -> str:
        """The lab's name."""
        return self.topology.name

    def __repr__(self) -> str:
        return f"<Lab {self.name}: {len(self.topology.hosts)} hosts, {'up' if self.is_up else 'not up'}>"

    # -- writing it down -------------------------------------------------------------------------------------------------

    def host(
        self,
        name: str,
        switch: str | Switchboard | Iterable[str | Switchboard] = (),
        *,
        address: Names | None = None,
        links: Mapping[str, Link] | None = None,
        router: bool = False,
        nat: Names = (),
        routes: Mapping[str, str] | Iterable[Route] = (),
        default_route: bool = True,
        publish: Iterable[Publish] = (),
        sysctls: Mapping[str, str | int] | None = None,
        dns: Names = (),
        search: Names = (),
        aliases: Names = (),
        zone: str = "",
        mtu: int = 0,
    ) -> Host:
        """Add a host, plugged into a switch or several (eth0, eth1 …); `address` is for eth0, handed out when None.

        `routes` as {"default": "gw", "10.9.0.0/16": "10.0.0.1"}. Invalid when there is one of that name.
        """
        self._new(name)
        plugs = {}
        for number, plug in enumerate([switch] if isinstance(switch, (str, Switchboard)) else switch):
            given = None if address is None or number else _several(address)
            plugs[f"eth{number}"] = Link(switch=str(plug), addresses=given, mtu=mtu)
        spec = HostSpec(
            {**plugs, **(links or {})}, router, _several(nat), tuple(publish), _routes(routes), default_route,
            {key: str(item) for key, item in (sysctls or {}).items()}, _several(dns), _several(search), _several(aliases), zone,
        )  # fmt: skip
        self._write(hosts={**self.topology.hosts, name: spec})
        return self[name]

    def switch(self, name: str, subnet: Names | None = None, *, mtu: int = 0, stp: bool = False, vlans: bool = False, address: Names = ()) -> Switchboard:
        """Add a switch (a bridge); its subnet is taken from the lab's pool when None. Give what comes back to host() and cable()."""
        self._new(name)
        spec = Switch(None if subnet is None else _several(subnet), mtu, stp, vlans, _several(address))
        self._write(switches={**self.topology.switches, name: spec})
        return Switchboard(name)

    def cable(
        self,
        a: str | Host | Switchboard,
        b: str | Host | Switchboard,
        *,
        address: Names | None = None,
        subnet: Names | None = None,
        mtu: int = 0,
        rate: int = 0,
        delay: int = 0,
        loss: float = 0.0,
    ) -> Cable:
        """Plug a cable: from host to host, or from host to switch. An end is "a", "a:eth1", a Host or a switch.

        `address` is that of the first end ("10.0.0.1/24"), or of both (["10.0.0.1/24", "10.0.0.2/24"]); what is not given is
        handed out. `rate` bits per second, `delay` microseconds, `loss` percent (the last two need netem).
        """
        ends = self._end(a), self._end(b)
        given = (None,) if address is None else tuple(_several(address))
        pair = tuple((item,) if item else None for item in (*given, None)[:2])
        plugged = [end for end in ends if end[1]]
        if len(plugged) == 1 and ends[0][0] != ends[1][0]:
            return self._to_switch(ends, pair, mtu, rate, delay, loss)
        subnets = None if subnet is None else _several(subnet)
        if subnets is None and given[0]:
            from ipaddress import ip_interface

            subnets = (str(ip_interface(given[0]).network),)
        made = Cable(ends, subnets, (pair[0], pair[1]), mtu, rate, delay, loss)
        hosts = dict(self.topology.hosts)
        for name, device in plugged:
            hosts[name] = replace(hosts[name], links={**hosts[name].links, device: Link()})
        self._write(hosts=hosts, cables=(*self.topology.cables, made))
        return made

    def _to_switch(self, ends: Any, pair: Any, mtu: int, rate: int, delay: int, loss: float) -> Cable:
        """A cable from a host to a switch is the host's link."""
        at = 0 if ends[0][1] else 1
        (name, device), (switch, _) = ends[at], ends[1 - at]
        spec = self.topology.hosts[name]
        link = Link(switch=switch, addresses=pair[at], mtu=mtu, rate=rate, delay=delay, loss=loss)
        self._write(hosts={**self.topology.hosts, name: replace(spec, links={**spec.links, device: link})})
        return Cable(ends, addresses=pair, mtu=mtu, rate=rate, delay=delay, loss=loss)

    def _end(self, end: str | Host | Switchboard) -> tuple[str, str]:
        if isinstance(end, Switchboard):
            return end.name, ""
        name, _, device = (end if isinstance(end, str) else end.name).partition(":")
        if name in self.topology.switches:
            return name, ""
        if name not in self.topology.hosts:
            raise self._unknown(name)
        links = self.topology.hosts[name].links
        if device and device in links:
            raise Invalid(f"{name} has a {device} already", fix=f"leave the device out, or take a free one: {_free(links)}")
        return name, device or _free(links)

    def policy(self, source: str, target: str, *, allow: Names = (), deny: Names = ()) -> None:
        """Who may talk to whom: from `source` to `target` only what `allow` says, or everything but what `deny` says."""
        self._write(policy=(*self.topology.policy, Policy(source, target, _several(allow), _several(deny))))

    def remove(self, name: str) -> None:
        """Take a host or a switch away, with its cables."""
        if name not in self.topology.hosts and name not in self.topology.switches:
            raise self._unknown(name)
        hosts = {key: _unplugged(spec, name) for key, spec in self.topology.hosts.items() if key != name}
        for cable in self.topology.cables:
            if name in (cable.ends[0][0], cable.ends[1][0]):
                for other, device in cable.ends:
                    if other in hosts and device:
                        hosts[other] = replace(hosts[other], links={d: link for d, link in hosts[other].links.items() if d != device})
        cables = tuple(c for c in self.topology.cables if name not in (c.ends[0][0], c.ends[1][0]))
        switches = {key: spec for key, spec in self.topology.switches.items() if key != name}
        self._hosts.pop(name, None)
        self._write(hosts=hosts, switches=switches, cables=cables)

    def _write(self, **changes: Any) -> None:
        self.topology = replace(self.topology, **changes)

    def _new(self, name: str) -> None:
        if name in self.topology.hosts or name in self.topology.switches:
            raise Invalid(f'there is a "{name}" in {self.name} already', fix="take another name, or remove() it first")

    def _unknown(self, name: str) -> Invalid:
        from ..model.meant import did_you_mean

        known = [*self.topology.hosts, *self.topology.switches]
        fix = did_you_mean(name, known) or "known are: " + (", ".join(known[:12]) or "none yet")
        return Invalid(f'there is no "{name}" in {self.name}', fix=fix)

    # -- looking ---------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """What the topology means: namespaces, devices, addresses, routes. LabInvalid with every mistake."""
        if self._state is None or self._made_from is not self.topology:
            from .compile import compile

            self._state = compile(self.topology)
            self._made_from = self.topology
        return self._state

    def __getitem__(self, name: str) -> Host:
        """A host by name. Invalid when there is none, with the nearest name."""
        if name not in self._hosts:
            from .host import Host

            if name not in self.topology.hosts and name != "@":
                raise self._unknown(name)
            self._hosts[name] = Host(self, name)
        return self._hosts[name]

    @property
    def hosts(self) -> dict[str, Host]:
        """Every host by name."""
        return {name: self[name] for name in self.topology.hosts}

    def addresses_of(self, name: str) -> tuple[str, ...]:
        """A host's addresses without lengths: in the order of its links, IPv4 first."""
        namespace = self.state.namespaces[name]
        order = {device: number for number, device in enumerate(namespace.devices)}
        found = sorted(namespace.addresses, key=lambda a: (a.family, order[a.link], a.address))
        return tuple(a.address.partition("/")[0] for a in found)

    def resolve(self, target: str | Host, source: str = "") -> str:
        """The address of a name of the lab (or an alias), as seen from `source`: one that they share a subnet with, else the first."""
        if not isinstance(target, str):
            target = target.name
        name = next((n for n, spec in self.topology.hosts.items() if target == n or target in spec.aliases or target == f"{n}.{self.name}"), "")
        if not name:
            if target.replace(".", "").isdigit() or ":" in target:
                return target
            raise self._unknown(target)
        from .addresses_seen import nearest

        found = nearest(self.state, name, source)
        if not found:
            raise Invalid(f"{name} has no address", fix="give it one, or plug it into a switch with a subnet")
        return found

    # -- being there -----------------------------------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        """Whether there is anything of it in the kernel."""
        return self._place is not None

    def plan(self) -> list[Op]:
        """What `up` would do now; nothing is done."""
        from ..plan.planner import plan
        from .attached import whole

        return plan(self._known, whole(self.state, self._known))

    def up(self) -> Lab:
        """Make the lab what is written down, by the difference only; returns when the first packet arrives.

        LabInvalid before anything is done. PlanFailed when the kernel refuses: everything is then as it was.
        """
        from .attached import bring_up

        bring_up(self)
        return self

    def down(self) -> None:
        """End its programs and let everything go. It can come up again."""
        from .attached import take_down

        take_down(self)

    def __enter__(self) -> Lab:
        return self.up()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.down()

    def __del__(self) -> None:
        # When Python itself ends, the kernel lets everything go.
        if self._place is not None and not sys.is_finalizing():
            self.down()

    def check(self, checks: Sequence[Check] | None = None, *, timeout: float = 2.0) -> list[Result]:
        """Do the checks that are part of the lab (or those given); a Result each, true when it is as it should be."""
        from .checks import perform

        return perform(self, self.topology.checks if checks is None else checks, timeout)

    def _where(self, name: str) -> Where:
        from ..kernel.spawn import Where

        if self._reached is not self.topology or self._place is None:
            self.up()
        assert self._place is not None
        assert self._views is not None
        return Where(self._place.fd(name), self._views.mounts(self.state.namespaces[name].view))

    def _guarded(self, name: str) -> Where:
        from .attached import guard_of

        where = self._where(name)
        where.pids = guard_of(self).fd
        return where

    def _started(self, program: subprocess.Popen[Any]) -> subprocess.Popen[Any]:
        self._programs = [p for p in self._programs if p.returncode is None]
        self._programs.append(program)
        return program


class Switchboard:
    """A switch of a lab, for host() and cable(); str() of it is its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Switch {self.name}>"


def _several(given: Names) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _routes(given: Mapping[str, str] | Iterable[Route]) -> tuple[Route, ...]:
    from collections.abc import Mapping

    return tuple(Route(to, via) for to, via in given.items()) if isinstance(given, Mapping) else tuple(given)


def _free(links: Mapping[str, Link]) -> str:
    return next(f"eth{n}" for n in range(len(links) + 1) if f"eth{n}" not in links)


def _unplugged(spec: HostSpec, switch: str) -> HostSpec:
    return replace(spec, links={d: link for d, link in spec.links.items() if link.switch != switch})
