"""The verbs of a runtime for a whole network: every plugin in order, the cache, and the lock between them.

ADD and DEL of a network may run side by side; GC runs alone, since it could not tell an ADD under way from a dead one.
"""

import os

from ...errors import Conflict, Gone, NetwrightError
from ...model.value import replace, value
from ..disk import Told, lock
from ..identity import lasting_identity
from ..protocol.call import container_id, interface_name
from ..protocol.errors import INCOMPATIBLE_VERSION, CniError
from ..protocol.result import Result
from ..protocol.section import Section
from ..protocol.versions import at_least
from . import cache
from .cache import Attachment, Cached
from .calls import Caller, one_config, result_of
from .network import Network, read_network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import TypeVar

    T = TypeVar("T")

LONGEST_WAIT = 120.0  # seconds: a GC waits for every ADD under way


class Failed(NetwrightError):
    """Several plugins, or attachments, failed: `errors` has them all."""

    def __init__(self, errors: "list[NetwrightError]") -> None:
        one = errors[0]
        if len(errors) == 1:
            super().__init__(one.what, why=one.why, fix=one.fix)
        else:
            super().__init__(f"{len(errors)} errors: " + "; ".join(map(str, errors)))
        self.errors = errors


@value
class Runtime:
    """`path` is CNI_PATH, `results` the directory of the cache, `locks` that of the locks."""

    path: "tuple[str, ...]"
    results: str = cache.DIRECTORY
    locks: str = "/run/netwright/.cni"

    def add(self, network: Network, one: Attachment) -> Result:
        """Attach. When a plugin fails, what those before it made is taken back."""
        _is_named_well(one)
        if not os.path.exists(one.netns):
            directory, _, name = one.netns.rpartition("/")
            raise Gone(f"no network namespace {one.netns}", fix=f"nw netns add {name if directory == '/run/netns' else 'NAME'}")
        with _Lock(self.locks, network.name, shared=True):
            identity = lasting_identity(one.netns)
            self._clear(network, one, identity)
            result, done = Result(), 0
            try:
                for done, plugin in enumerate(network.plugins, 1):
                    config = one_config(network, plugin, one.capabilities, result if done > 1 else None)
                    result = result_of(str(config.get("type")), self._caller.ask("ADD", config, one))
                with Told(self.results):
                    cache.put(self.results, Cached(one, _text(network), result, network.version, identity))
            except CniError:
                _errors(lambda plugin: self._caller.ask("DEL", one_config(network, plugin, one.capabilities), one), network.plugins[:done][::-1])
                raise  # the first error is the one to tell
        return result

    def _clear(self, network: Network, one: Attachment, identity: str) -> None:
        """Take away what is left of an attachment of the same name to another namespace, or to one that is gone. Conflict when it is this one."""
        cached = cache.get(self.results, network.name, one.container, one.ifname)
        if cached is None:
            return
        if _is_same(cached, one.netns, identity):
            fix = f"nw cni del {network.name} {one.netns} --id {one.container} --ifname {one.ifname}"
            raise Conflict(f"{one.container} is attached to {network.name} by {one.ifname} already", fix=fix)
        self._delete(_as_was(network, cached), cached.attachment, cached)

    def check(self, network: Network, one: Attachment) -> None:
        """Whether everything is as ADD made it."""
        _is_named_well(one)
        if not at_least(network.version, "0.4.0"):
            raise CniError(INCOMPATIBLE_VERSION, f"configuration version {network.version} does not support CHECK", "it exists since 0.4.0")
        if network.disable_check:
            return
        with _Lock(self.locks, network.name, shared=True):
            cached = cache.get(self.results, network.name, one.container, one.ifname)
            if cached is None:
                fix = f"nw cni add {network.name} …; nw cni ls has those that are there"
                raise Gone(f"{one.container} is not attached to {network.name} by {one.ifname}", fix=fix)
            one = _as_cached(one, cached)
            for plugin in network.plugins:
                self._caller.ask("CHECK", one_config(network, plugin, one.capabilities, cached.result), one)

    def delete(self, network: Network, one: Attachment) -> None:
        """Detach. Every plugin is called, whatever fails; Failed with all errors."""
        _is_named_well(one)
        with _Lock(self.locks, network.name, shared=True):
            self._delete(network, one, cache.get(self.results, network.name, one.container, one.ifname))

    def _delete(self, network: Network, one: Attachment, cached: "Cached | None") -> None:
        before = cached.result if cached and at_least(network.version, "0.4.0") else None
        one = _of_then(_as_cached(one, cached), cached) if cached else one
        steps = [one_config(network, plugin, one.capabilities, before) for plugin in reversed(network.plugins)]
        _every(lambda config: self._caller.ask("DEL", config, one), steps)
        with Told(self.results):
            cache.drop(self.results, one)

    def gc(self, network: Network, valid: "Iterable[tuple[str, str]] | None" = None) -> "list[Attachment]":
        """Detach what is cached and not `valid` (None: whose namespace is gone), then let every plugin collect. Failed.

        What was detached. Plugins are asked from CNI 1.1.0 on, unless the network disables it.
        """
        with _Lock(self.locks, network.name, shared=False):
            attached = cache.every(self.results, network.name)
            if valid is None:
                valid = [_pair(one.attachment) for one in attached if _lives(one)]
            keep = set(valid)
            stale = [one for one in attached if _pair(one.attachment) not in keep]
            errors = _errors(lambda one: self._delete(_as_was(network, one), one.attachment, one), stale)
            if at_least(network.version, "1.1.0") and not network.disable_gc:
                pairs = [{"containerID": container, "ifname": ifname} for container, ifname in sorted(keep)]
                lists = {"cni.dev/valid-attachments": pairs, "cni.dev/attachments": pairs}
                errors += _errors(lambda plugin: self._caller.ask("GC", {**one_config(network, plugin, {}), **lists}), network.plugins)
        if errors:
            raise Failed(errors)
        return [one.attachment for one in stale]

    def status(self, network: Network) -> None:
        """Whether an ADD would work: every plugin is there, knows the version, and is ready (from CNI 1.1.0 on). Failed."""

        def one(plugin: "dict[str, object]") -> None:
            config = one_config(network, plugin, {})
            answer = self._caller.ask("VERSION", {"cniVersion": network.version, "type": config.get("type")})
            if network.version not in Section(answer).list("supportedVersions"):
                details = f"the configuration says cniVersion {network.version}"
                raise CniError(INCOMPATIBLE_VERSION, f"plugin {config.get('type')} does not support it", details)
            if at_least(network.version, "1.1.0"):
                self._caller.ask("STATUS", config)

        _every(one, network.plugins)

    @property
    def _caller(self) -> Caller:
        return Caller(self.path)


def _is_named_well(one: Attachment) -> None:
    """CniError 4 for names that would lead out of the cache's directory."""
    container_id(one.container)
    interface_name(one.ifname)


def _text(network: Network) -> bytes:
    from ..protocol.jsontext import write

    return write(network.document).encode()


def _as_cached(one: Attachment, cached: Cached) -> Attachment:
    """What was said at ADD holds at CHECK and DEL, where nothing else is said."""
    was = cached.attachment
    return Attachment(one.network, one.container, one.ifname, one.netns or was.netns, one.args or was.args, one.capabilities or was.capabilities)


def _as_was(network: Network, cached: Cached) -> Network:
    """The configuration of the time of the ADD, where it can be read."""
    try:
        return read_network(cached.config)
    except NetwrightError:
        return network


def _pair(one: Attachment) -> "tuple[str, str]":
    return one.container, one.ifname


def _lives(cached: Cached) -> bool:
    """Whether the namespace is there. What a runtime of before CNI 1.1.0 wrote has no path: nobody knows, so it is kept."""
    path = cached.attachment.netns
    return not path or (os.path.exists(path) and not _is_another(cached, path))


def _is_another(cached: Cached, path: str) -> bool:
    """Whether the path leads to a namespace that was made since; of what others wrote down nobody knows."""
    there = lasting_identity(path) if cached.identity else ""
    return there not in ("", cached.identity)


def _is_same(cached: Cached, other: str, identity: str) -> bool:
    if cached.identity and identity:
        return cached.identity == identity
    path = cached.attachment.netns
    try:
        return not path or os.path.samefile(path, other)
    except OSError:
        return False


def _of_then(one: Attachment, cached: Cached) -> Attachment:
    """Without the path where it leads to another namespace by now, in which no plugin has anything to take away."""
    return replace(one, netns="") if _is_another(cached, one.netns) else one


def _errors(step: "Callable[[T], object]", items: "Iterable[T]") -> "list[NetwrightError]":
    errors: list[NetwrightError] = []
    for item in items:
        try:
            step(item)
        except NetwrightError as error:
            errors += error.errors if isinstance(error, Failed) else [error]
    return errors


def _every(step: "Callable[[T], object]", items: "Iterable[T]") -> None:
    errors = _errors(step, items)
    if errors:
        raise Failed(errors)


class _Lock:
    """The lock of a network, among runtimes of ours."""

    def __init__(self, directory: str, name: str, *, shared: bool) -> None:
        self._directory, self._name, self._shared, self._fd = directory, name, shared, -1

    def __enter__(self) -> None:
        with Told(self._directory):
            os.makedirs(self._directory, 0o700, exist_ok=True)
            self._fd = lock(f"{self._directory}/{self._name}.lock", longest=LONGEST_WAIT, shared=self._shared)

    def __exit__(self, kind: "type[BaseException] | None", error: "BaseException | None", trace: "TracebackType | None") -> None:
        os.close(self._fd)
