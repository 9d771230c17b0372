"""How labs of several users are called on the map."""

import pwd

import pytest

from netwright.cli.map_names import told_apart

ME, NOBODY, ROOT = 7_000_001, 7_000_002, 0


USUAL, OTHER, THIRD = "/run/netwright", "/run/user/7000002/netwright", "/home/me/labs"


@pytest.mark.parametrize(
    ("labs", "names"),
    [
        ([("shop", ME, USUAL, True), ("office", NOBODY, OTHER, False)], ["shop", "office"]),
        ([("shop", ME, USUAL, True), ("shop", NOBODY, OTHER, False)], ["shop", f"{NOBODY}:shop"]),
        ([("shop", ROOT, USUAL, False), ("shop", ME, OTHER, True)], ["root:shop", "shop"]),
        ([("shop", ROOT, USUAL, False), ("shop", NOBODY, OTHER, False)], ["root:shop", f"{NOBODY}:shop"]),
        # Several places of one user: our own is the one that commands take.
        ([("shop", ME, USUAL, True), ("shop", ME, THIRD, False)], ["shop", f"{THIRD}:shop"]),
        ([("shop", ME, USUAL, False), ("shop", ME, THIRD, True)], [f"{USUAL}:shop", "shop"]),
        ([("shop", ME, USUAL, False), ("shop", ME, THIRD, False)], [f"{USUAL}:shop", f"{THIRD}:shop"]),
        ([("shop", ME, USUAL, False), ("shop", ROOT, THIRD, False)], ["shop", "root:shop"]),
        ([("shop", ROOT, USUAL, False), ("shop", ROOT, THIRD, False), ("shop", ME, OTHER, True)], [f"{USUAL}:shop", f"{THIRD}:shop", "shop"]),
        ([("shop", ME, THIRD, False)], ["shop"]),
        ([], []),
    ],
)
def test_ones_own_keeps_its_name(labs: list[tuple[str, int, str, bool]], names: list[str], monkeypatch: pytest.MonkeyPatch):
    known = {ROOT: "root"}

    def account(user: int) -> pwd.struct_passwd:
        return pwd.struct_passwd((known[user], "x", user, user, "", "/", "/bin/sh"))

    monkeypatch.setattr(pwd, "getpwuid", account)
    assert told_apart(labs, ME) == names
