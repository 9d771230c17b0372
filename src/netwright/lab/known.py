"""What is known of a lab that is being changed: what may be there now, and what has to be put back."""

from __future__ import annotations

from ..model.state import State
from ..model.value import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def merged(a: State, b: State) -> State:
    """Both, for knowing where to look: the names, sysctls, tables and queues of either."""
    namespaces = dict(a.namespaces)
    for name, there in b.namespaces.items():
        here = namespaces.get(name)
        if here is None:
            namespaces[name] = there
        else:
            both = {"sysctls": {**here.sysctls, **there.sysctls}, "tables": {**here.tables, **there.tables}, "qdiscs": here.qdiscs | there.qdiscs}
            namespaces[name] = replace(there, **both)
    return State(namespaces, {**a.files, **b.files})


def completed(want: State, known: State, defaults: Mapping[str, Mapping[str, str]]) -> State:
    """`want` with the sysctls that were set once and are not wanted any more, at what they were before."""
    namespaces = dict(want.namespaces)
    for name, namespace in namespaces.items():
        before = known.namespaces.get(name)
        lost = {k: defaults.get(name, {})[k] for k in (before.sysctls if before else ()) if k not in namespace.sysctls and k in defaults.get(name, {})}
        if lost:
            namespaces[name] = replace(namespace, sysctls={**namespace.sysctls, **lost})
    return State(namespaces, want.files)


def lost(want: State, known: State) -> set[str]:
    """The keys of sysctls that were set in some namespace and are not wanted there any more."""
    return {key for name, there in want.namespaces.items() if name in known.namespaces for key in known.namespaces[name].sysctls if key not in there.sysctls}
