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
    """True for a name in the netns directory, and for a path or a form like docker:NAME that can be opened."""
    import os

    from ...errors import NetwrightError
    from ...kernel.references import exists, open_namespace

    if exists(reference):
        return True
    if "/" not in reference and ":" not in reference:
        return False
    try:
        os.close(open_namespace(reference))
    except NetwrightError:
        return False
    return True


class Wanted:
    """What the words say: header and settings of the message, the names, the kind of link, `keep` after a netns."""

    __slots__ = (
        "change", "device", "device_given", "flags", "index", "keep", "kind", "link", "name", "once", "settings", "subject",
        "target",
    )  # fmt: skip

    def __init__(self) -> None:
        self.flags = self.change = self.index = 0
        self.name: str | None = None
        self.device: str | None = None
        self.link: str | None = None
        self.kind: str | None = None
        self.target = ""
        self.keep = self.device_given = False
        self.subject: int | str = 0
        self.settings: dict[str, Any] = {}
        self.once: dict[str, int] = {}

    def set_flag(self, bit: int, on: bool) -> None:
        """One of IFF_*, to be changed."""
        self.change |= bit
        self.flags = self.flags | bit if on else self.flags & ~bit


class Command:
    """The verb (add, replace, set, delete), where to look devices and namespaces up, the family that -f asked for.

    While the words are read, `wanted` is what they came to, `said` what goes to stdout, `warnings` what goes to stderr.
    """

    __slots__ = ("applet", "family", "links", "namespace_exists", "said", "verb", "wanted", "warnings")

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
        self.wanted = Wanted()
        self.said = ""
        self.warnings: list[str] = []

    @property
    def creating(self) -> bool:
        """The device need not be there."""
        return self.verb in ("add", "replace")
