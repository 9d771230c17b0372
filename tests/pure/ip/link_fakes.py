"""Devices and namespaces that only the words of a test know."""

from typing import Any

from netwright.ip.link.command import Command


class FakeLinks:
    """Devices by name; index 1 is lo."""

    def __init__(self, *names: str, messages: dict[int, dict[str, Any]] | None = None) -> None:
        self.names = ["", "lo", *names]
        self.messages = messages or {}

    def index(self, name: str) -> int:
        """The index of a device, 0 when there is none."""
        if name in self.names[1:]:
            return self.names.index(name)
        return int(name[2:]) if name[:2] == "if" and name[2:].isdigit() else 0

    def message(self, index: int) -> Any:
        """What is known about the device."""
        return self.messages.get(index)


def command(verb: str, *devices: str, namespaces: tuple[str, ...] = (), **more: Any) -> Command:
    """A command among these devices and namespaces."""
    links = FakeLinks(*devices, messages=more.pop("messages", None))
    return Command(verb, links, namespace_exists=lambda name: name in namespaces, **more)
