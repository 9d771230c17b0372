"""Many changes of one namespace in one go."""

from __future__ import annotations

from ..errors import KernelError, NetwrightError
from .addresses import AddressVerbs
from .links import LinkVerbs
from .neighbours import NeighbourVerbs
from .routes import RouteVerbs
from .rules import RuleVerbs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..plan.ops import MessageOp
    from .channel import Channel


class BatchFailed(NetwrightError):
    """The kernel refused some operations of a batch: `errors`, in order, each with its subject. The others were done."""

    def __init__(self, errors: tuple[KernelError, ...], many: int) -> None:
        super().__init__(f"{len(errors)} of {many} operations were refused", why=str(errors[0]))
        self.errors = errors


class Batch:
    """Collects what is asked of `links`, `addresses`, `routes`, `neighbours` and `rules`; the end of the `with` sends it.

    A device may be named by its index everywhere. One that the batch makes with `links.add(…, index=N)` is known by its
    name too, so that a whole topology is one stream of messages without a look-up. When the `with` ends by an exception
    nothing is sent. The kernel goes on after a refusal.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.operations: list[MessageOp] = []
        do = self.operations.append
        self.links, self.addresses, self.routes = LinkVerbs(do), AddressVerbs(do), RouteVerbs(do)
        self.neighbours, self.rules = NeighbourVerbs(do), RuleVerbs(do)

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.apply()

    def apply(self) -> None:
        """Send what was collected. BatchFailed when something was refused; Gone for an unknown device (nothing after it is sent)."""
        wanted = list(self.operations)
        self.operations.clear()
        errors = tuple(error for error in self._channel.do_all(wanted) if error)
        if errors:
            raise BatchFailed(errors, len(wanted))
