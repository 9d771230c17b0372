"""How labs of several users are called on the map."""

import pwd

import pytest

from netwright.cli.map_names import told_apart

ME, NOBODY, ROOT = 7_000_001, 7_000_002, 0


@pytest.mark.parametrize(
    ("labs", "names"),
    [
        ([("shop", ME), ("office", NOBODY)], ["shop", "office"]),
        ([("shop", ME), ("shop", NOBODY)], ["shop", f"{NOBODY}:shop"]),
        ([("shop", ROOT), ("shop", ME)], ["root:shop", "shop"]),
        ([("shop", ROOT), ("shop", NOBODY)], ["root:shop", f"{NOBODY}:shop"]),
        ([("shop", ME), ("shop", ME)], ["shop", "shop"]),
        ([], []),
    ],
)
def test_ones_own_keeps_its_name(labs: list[tuple[str, int]], names: list[str], monkeypatch: pytest.MonkeyPatch):
    known = {ROOT: "root"}

    def account(user: int) -> pwd.struct_passwd:
        return pwd.struct_passwd((known[user], "x", user, user, "", "/", "/bin/sh"))

    monkeypatch.setattr(pwd, "getpwuid", account)
    assert told_apart(labs, ME) == names
