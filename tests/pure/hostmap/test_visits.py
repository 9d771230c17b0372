"""What the map asks of namespaces that end, change or are closed meanwhile: no answer is an answer."""

import errno
import os

import pytest

from netwright.errors import Busy, kernel_error
from netwright.hostmap import reading
from netwright.hostmap.visits import Asking, Visit
from netwright.kernel import scan


class Nobody:
    """A socket that nobody reads."""


@pytest.mark.parametrize("error", [Busy("links kept changing while they were read"), kernel_error(errno.EPERM), kernel_error(errno.ENODEV)])
def test_a_number_that_cannot_be_asked_about_leads_nowhere(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(reading, "drafts", fails)
    monkeypatch.setattr(reading, "look", fails)
    asking = Asking([], None)
    asking._sockets["1"] = Nobody()
    assert asking.drafts_behind("1", 0) == []
    assert asking.look("1", 0, 2) is None


@pytest.mark.parametrize(
    ("errors", "state", "why"),
    [
        ([errno.ENOENT], "gone", "it ended while the map was made"), ([errno.ESRCH, errno.ENOENT], "gone", "it ended while the map was made"),
        ([errno.EACCES, errno.ENOENT], "unseen", "its file cannot be opened: Permission denied"),
        ([errno.ENOENT, errno.EACCES], "unseen", "its file cannot be opened: Permission denied"), ([errno.EMFILE], "unseen", "its file cannot be opened: Too many open files"),
        ([errno.ESTALE], "gone", "it ended while the map was made"),
    ],
)  # fmt: skip
def test_why_a_namespace_could_not_be_opened(monkeypatch: pytest.MonkeyPatch, errors: list[int], state: str, why: str) -> None:
    """The way that says most counts; where nothing is mounted any more, what lay over it has nothing to say."""
    left = iter(errors)

    def fails(*_: object) -> int:
        raise OSError(number := next(left), os.strerror(number))

    monkeypatch.setattr(scan, "_open", fails)
    visit = Visit("7", 7, [scan.Hold("process", 1) for _ in errors])
    visit.open(False)
    assert (visit.state, visit.why) == (state, why)
