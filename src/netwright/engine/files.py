"""What takes the files of a plan: see kernel/views.py for the two that there are."""

from typing import Protocol


class Overlay(Protocol):
    """Files by view and path, laid over those of the machine."""

    def put(self, view: str, path: str, text: str) -> None:
        """Lay a file over `path`, or change its text."""

    def remove(self, view: str, path: str) -> None:
        """Take it away."""

    def files(self) -> dict[str, dict[str, str]]:
        """What there is."""

    def mounts(self, view: str) -> int | None:
        """The open file of the view's mount namespace, None for the caller's own."""

    def close(self) -> None:
        """Let go of what is open."""
