"""Geometry: nothing overlaps, every cable ends at its plugs, nothing sticks out, and pictures stay readable when hosts are large."""

from bisect import bisect_left
from itertools import pairwise

import pytest
from drawn_hosts import GOLDEN, LARGE, chain, hosts, star, twice, woven
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.hostmap.drawing.layout import layout
from netwright.hostmap.model import Published
from netwright.model.value import replace

HALF = 0.05


def _overlap(one, other) -> bool:
    return one[0] < other[0] + other[2] - HALF and other[0] < one[0] + one[2] - HALF and one[1] < other[1] + other[3] - HALF and other[1] < one[1] + one[3] - HALF


def _pairs(rects):
    """Pairs that overlap, found by sweeping from left to right."""
    rects = sorted(rects)
    active: list = []
    for rect in rects:
        active = [other for other in active if other[0][0] + other[0][2] > rect[0][0]]
        yield from ((rect, other) for other in active if _overlap(rect[0], other[0]))
        active.append(rect)


def _between(these, those):
    """Pairs that overlap, one of these and one of those."""
    those = sorted(those)
    left = [rect[0] for rect, _ in those]
    widest = max((rect[2] for rect, _ in those), default=0)
    for rect, name in these:
        near = those[bisect_left(left, rect[0] - widest) : bisect_left(left, rect[0] + rect[2])]
        yield from ((name, other) for beside, other in near if _overlap(rect, beside))


def _on_paper(picture):
    return [((box.x, box.y, box.w, box.h), box.id) for box in picture.boxes]


def check(picture) -> None:
    """All that holds for every picture."""
    assert list(_pairs(_on_paper(picture))) == []
    for box in picture.boxes:
        assert box.x >= 0
        assert box.y >= 40
        assert box.x + box.w <= picture.width
        assert box.y + box.h <= picture.height
        texts = [(text[:4], text.text) for text in (*box.texts, *(box.inner if box.is_open else ()))]
        assert list(_pairs(texts)) == []
        for rect, text in texts:
            assert rect[0] >= 0, text
            assert rect[0] + rect[2] <= box.w + HALF, text
            assert rect[1] >= 0, text
            assert rect[1] + rect[3] <= box.h + 2, text
        assert len({(mark.key, mark.x) for mark in box.marks}) == len(box.marks)
    _check_lines(picture)


def _check_lines(picture) -> None:
    marks = {((box.id, mark.key), round(box.x + mark.x, 3), round(box.y + mark.y, 3)) for box in picture.boxes for mark in box.marks}
    corners = _on_paper(picture)
    labels, level = [], []
    for line in picture.lines:
        for end, (x, y) in ((line.one, line.points[0]), (line.other, line.points[-1])):
            assert (end, round(x, 3), round(y, 3)) in marks
        assert len(line.points) == len(line.follows)
        assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in line.points)
        for at, (one, other) in enumerate(pairwise(line.points)):
            if at % 2 == 0:
                assert one[1] == other[1], "a straight stretch is level"
                level.append(((min(one[0], other[0]), one[1] - 0.5, abs(one[0] - other[0]), 1.0), line.full))
        if line.label:
            labels.append((line.label[:4], line.full))
    assert list(_between(level, corners)) == [], "a cable goes through a box"
    assert list(_pairs(labels)) == []
    assert list(_between(labels, corners)) == []


@pytest.mark.parametrize("name", GOLDEN | LARGE)
@pytest.mark.parametrize(("opened", "fewest"), [((), 4), (("all",), 4), ((), 0), ((), 2)])
def test_geometry(name: str, opened: tuple[str, ...], fewest: int):
    check(layout((GOLDEN | LARGE)[name], opened, fewest))


@settings(max_examples=120, deadline=None)
@given(hosts(), st.sampled_from([(), ("all",)]), st.sampled_from([0, 2, 4]))
def test_geometry_of_any_host(host, opened, fewest):
    picture = layout(host, opened, fewest)
    check(picture)
    assert sorted(member for box in picture.boxes for member in box.members) == sorted(space.id for space in host.namespaces)
    own = sum(cable.one[0] == cable.other[0] for cable in host.cables)
    below = sum(bool(link.lower) and link.lower[0] != space.id for space in host.namespaces for link in space.links)
    assert sum(line.cables for line in picture.lines) == len(host.cables) - own + below


@given(hosts())
@settings(max_examples=30, deadline=None)
def test_the_same_host_gives_the_same_picture(host):
    assert layout(host) == layout(host)


@pytest.mark.parametrize("name", LARGE)
def test_large_hosts_stay_readable(name: str):
    picture = layout(LARGE[name])
    assert picture.width <= 4000
    assert 0.3 <= picture.width / picture.height <= 5 or picture.width < 1000
    assert max(box.w for box in picture.boxes) <= 620


@pytest.mark.parametrize("host", [star(200), woven(200), twice(200)], ids=["star", "woven", "twice"])
def test_unfolded_pictures_keep_their_proportions(host):
    picture = layout(host, fewest=0)
    assert 0.5 <= picture.width / picture.height <= 4


def test_alike_namespaces_are_one_box_and_one_thick_cable():
    picture = layout(star(20))
    group = next(box for box in picture.boxes if box.inner)
    assert len(group.members) == 20
    assert [(line.cables, line.label.text) for line in picture.lines] == [(20, "×20")]
    assert [text.text for text in group.texts] == ["c0 … c19", "20 alike · docker", "eth0", "10.0.0.2 … 21/16"]


def test_which_end_of_a_cable_comes_first_says_nothing():
    host = star(20)
    turned = replace(host, cables=tuple(replace(cable, one=cable.other, other=cable.one) if at % 3 else cable for at, cable in enumerate(host.cables)))
    assert layout(turned) == layout(host)


def test_an_open_group_names_both_ends_of_every_cable():
    group = next(box for box in layout(star(5), ("c3",)).boxes if box.inner)
    assert group.is_open
    assert [text.text for text in group.inner if text.style == "inner"] == [f"10.0.0.{n + 2}/16 ⇄ veth{n}" for n in range(5)]
    closed = next(box for box in layout(star(5)).boxes if box.inner)
    assert (group.h, group.other) == (closed.other, closed.h)


def test_the_one_that_differs_stays_alone():
    picture = layout(GOLDEN["workshop"])
    alone = {box.members[0] for box in picture.boxes if len(box.members) == 1}
    assert {"shop-queue", "shop-proxy", "scanner", "host"} <= alone
    assert [line.style for line in picture.lines if "shop-queue" in line.full] == ["down"]


def test_twins_in_two_networks_have_two_thick_cables():
    assert sorted(line.cables for line in layout(twice(6)).lines) == [6, 6]


def test_a_crowd_of_cables_between_two_is_drawn_as_one():
    picture = layout(LARGE["crowded"])
    assert [line.cables for line in picture.lines] == [1000]
    assert max(box.h for box in picture.boxes) < 400


def test_a_closed_group_is_no_wider_than_what_it_shows():
    (closed,) = [box for box in layout(star(100)).boxes if len(box.members) == 100]
    (roomy,) = [box for box in layout(star(100), roomy=True).boxes if len(box.members) == 100]
    (opened,) = [box for box in layout(star(100), opened="all").boxes if len(box.members) == 100]
    assert closed.w < 250 < roomy.w == opened.w
    check(layout(star(100), roomy=True))


def test_published_ports_of_a_group_are_written_at_the_group():
    host = star(12)
    ports = tuple(Published("tcp", "", 8000 + at, 8000 + at, f"10.0.0.{at + 2}", 80) for at in range(5))
    picture = layout(replace(host, namespaces=tuple(replace(space, published=ports) if space.id == "host" else space for space in host.namespaces)))
    (group,) = [box for box in picture.boxes if len(box.members) == 12]
    assert [text.text for text in group.texts if text.style == "extra"] == [f"⇥ :{8000 + at} → 80/tcp · c{at}" for at in range(3)] + ["+2 more ports"]
    check(picture)


def test_the_legend_says_what_is_not_plain():
    assert [text.text for text in layout(star(12)).caption] == ["host", "docker", "several cables"]
    assert [text.text for text in layout(GOLDEN["workshop"]).caption][-3:] == ["several cables", "no carrier", "stands on"]
    assert layout(chain(2)).caption[-1].text != "no carrier"
