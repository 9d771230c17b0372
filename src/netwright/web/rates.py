"""Traffic of cables: which namespaces have to be asked so that every cable is counted, and rates from two samples. Pure.

Both ends of a cable count the same traffic, so that one of both is enough: the host, which has an end of nearly every cable, answers
for all of them in one dump.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..hostmap.model import Cable, End

    Sample = dict[End, tuple[int, int]]  # end -> bytes received and sent there


def enough(cables: "Iterable[Cable]") -> "list[str]":
    """Namespaces that have an end of every cable, most cables first (greedy: not always the fewest)."""
    left: dict[str, set[Cable]] = {}
    for cable in cables:
        for id, _ in (cable.one, cable.other):
            left.setdefault(id, set()).add(cable)
    out: list[str] = []
    while left:
        best = max(left, key=lambda id: (len(left[id]), id))
        done = left.pop(best)
        if not done:
            break
        out.append(best)
        for cable in done:
            for id, _ in (cable.one, cable.other):
                if id in left:
                    left[id].discard(cable)
    return out


def rates(before: "Sample", after: "Sample", seconds: float) -> "dict[End, tuple[float, float]]":
    """Bits a second (received, sent) of the ends that had any traffic. A device that was made anew begins at 0."""
    out = {}
    for end, now in after.items():
        was = before.get(end)
        if was is None or was == now or seconds <= 0:
            continue
        received, sent = (max(0, new - old) * 8 / seconds for new, old in zip(now, was, strict=True))
        if received or sent:
            out[end] = (received, sent)
    return out
