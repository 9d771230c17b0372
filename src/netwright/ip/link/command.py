"""What the words of one `ip link` command are read for, and what they came to."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    class Links(Protocol):
        """Indices and messages of devices, as ip/links.py has them."""

        def index(self, name: str) -> int: ...

        def message(self, index: int) -> "Any": ...


def _namespace_exists(reference: str) -> bool:
    from ...kernel import namespaces

    return namespaces.exists(reference)


class Command:
    """The verb (add, replace, set, delete), where to look devices and namespaces up, and the family that -f asked for."""

    __slots__ = ("applet", "family", "links", "namespace_exists", "verb", "warnings")

    def __init__(
        self,
        verb: str,
        links: "Links",
        *,
        family: int = 0,
        applet: bool = False,
        namespace_exists: "Callable[[str], bool]" = _namespace_exists,
    ) -> None:
        self.verb, self.links, self.family, self.applet = verb, links, family, applet
        self.namespace_exists = namespace_exists
        self.warnings: list[str] = []

    @property
    def creating(self) -> bool:
        """The device need not be there."""
        return self.verb in ("add", "replace")


class Wanted:
    """What the words say: header and settings of the message, the names, the kind of link, `keep` after a netns."""

    __slots__ = ("change", "device", "flags", "index", "keep", "kind", "link", "name", "once", "settings", "target")

    def __init__(self) -> None:
        self.flags = self.change = self.index = 0
        self.name: str | None = None
        self.device: str | None = None
        self.link: str | None = None
        self.kind: str | None = None
        self.target = ""
        self.keep = False
        self.settings: dict[str, Any] = {}
        self.once: dict[str, int] = {}

    def set_flag(self, bit: int, on: bool) -> None:
        """One of IFF_*, to be changed."""
        self.change |= bit
        self.flags = self.flags | bit if on else self.flags & ~bit
