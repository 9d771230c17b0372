"""Which column each box stands in: the hub in the middle, what is plugged into it left and right, what is behind that further out.

A column that would be much taller than the picture is wide is split into several beside each other.
"""

from math import ceil, sqrt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Neighbours = Sequence[Sequence[int]]

# Wanted width of a picture for its height.
ASPECT = 1.6
GAP = 20.0
CHANNEL = 84.0


def parts(neighbours: "Neighbours") -> "list[list[int]]":
    """The connected parts, each in the order in which it is met."""
    seen: set[int] = set()
    out = []
    for start in range(len(neighbours)):
        if start in seen:
            continue
        seen.add(start)
        part = [start]
        for node in part:
            for other in neighbours[node]:
                if other not in seen:
                    seen.add(other)
                    part.append(other)
        out.append(part)
    return out


def ranks(part: "list[int]", hub: int, neighbours: "Neighbours", weight: "Callable[[int], float]") -> "dict[int, int]":
    """node -> how many cables it is from the hub, negative on the left side. Both sides get about the same weight."""
    first, order = _tree(hub, neighbours)
    total = sum(weight(node) for node in part) - weight(hub)
    side, used = {hub: 0}, 0.0
    for branch in order:
        heavy = sum(weight(node) for node in branch)
        sign = 1 if used + heavy / 2 <= total / 2 else -1
        side.update((node, sign) for node in branch)
        used += heavy
    distance = {hub: 0}
    queue = [hub]
    for node in queue:
        for other in neighbours[node]:
            if other not in distance:
                distance[other] = distance[node] + 1
                queue.append(other)
    return {node: distance[node] * side[node] for node in first}


def _tree(hub: int, neighbours: "Neighbours") -> "tuple[list[int], list[list[int]]]":
    """Every node of the part, and the branches that hang on the hub; those that are plugged into each other stand together."""
    owner: dict[int, int] = {other: other for other in neighbours[hub] if other != hub}
    queue = list(owner)
    for node in queue:
        for other in neighbours[node]:
            if other != hub and other not in owner:
                owner[other] = owner[node]
                queue.append(other)
    branches: dict[int, list[int]] = {}
    for node in queue:
        branches.setdefault(owner[node], []).append(node)
    touching: dict[int, list[int]] = {branch: [] for branch in branches}
    for node in queue:
        for other in neighbours[node]:
            if other != hub and owner[other] != owner[node]:
                touching[owner[node]].append(owner[other])
    return [hub, *queue], [branches[branch] for branch in _walk(list(branches), touching)]


def _walk(branches: "list[int]", touching: "dict[int, list[int]]") -> "list[int]":
    """Depth first, so that a chain of branches stays a chain."""
    seen: set[int] = set()
    out = []
    for start in branches:
        stack = [start]
        while stack:
            branch = stack.pop()
            if branch in seen:
                continue
            seen.add(branch)
            out.append(branch)
            stack.extend(reversed(touching[branch]))
    return out


def tallest(sizes: "Sequence[tuple[float, float]]") -> float:
    """How tall a column may get, so that the whole has about the wanted proportions; no less than the tallest box."""
    area = sum((w + CHANNEL) * (h + GAP) for w, h in sizes)
    return max(sqrt(area / ASPECT), max(h for _, h in sizes), 300.0)


def snaked(rank: "dict[int, int]", height: "Callable[[int], float]") -> "dict[int, int]":
    """A picture that would be a long strip goes back and forth in bands below each other."""
    first, last = min(rank.values()), max(rank.values())
    count = last - first + 1
    tall = [0.0] * count
    for node, number in rank.items():
        tall[number - first] += height(node) + GAP
    bands = round(sqrt(count * (CHANNEL + 240.0) / (ASPECT * max(tall))))
    if bands < 2 or count < 12:
        return rank
    wide = ceil(count / bands)
    out = {}
    for node, number in sorted(rank.items(), key=lambda item: (item[1] - first) // wide):
        band, at = divmod(number - first, wide)
        out[node] = at if band % 2 == 0 else wide - 1 - at
    return out


def split(rank: "dict[int, int]", height: "Callable[[int], float]", limit: float) -> "list[list[int]]":
    """The columns from left to right. A rank that is too tall is dealt out row by row, so that neighbours in order stay near."""
    by_rank: dict[int, list[int]] = {}
    for node, number in rank.items():
        by_rank.setdefault(number, []).append(node)
    out = []
    for number in sorted(by_rank):
        nodes = by_rank[number]
        count = max(1, round(sum(height(node) + GAP for node in nodes) / limit + 0.2))
        dealt = [nodes[at::count] for at in range(count)]
        out += [column for column in (reversed(dealt) if number < 0 else dealt) if column]
    return out
