"""The words that ip(8) has for the fields of a kind of link: one table, read in both directions.

`ip link … type bridge stp_state 1` is found by its word and becomes {"stp_state": 1}; the explanation of an operation
finds the field and gives the words back.
"""


class Options:
    """Rows of (word, field, form) in ip's order, for abbreviations mean the first that fits.

    Forms: u8 u16 u32 u64 s32 mac proto table · flag (no value) · =N (no value; the field becomes N) · onoff · bit N (a
    number that sets bit N of {"value", "mask"}) · switch N (the same with on and off) · choice (of `choices[field]`) ·
    device · ips ip6s (a list with commas) · map (FROM:TO …); any other form belongs to the kind that uses it.
    `exact`: words that are not to be abbreviated. `wrong`: what ip says to a bad value, where it is not `invalid WORD`.
    `unknown`: what ip calls a word that it does not know. `once`: {word: its name in ip's complaint about a second
    one}; None where a second one is fine.
    """

    __slots__ = ("choices", "exact", "once", "rows", "unknown", "wrong")

    def __init__(
        self,
        rows: tuple[tuple[str, str, str], ...],
        *,
        choices: dict[str, tuple[str, ...]] | None = None,
        exact: tuple[str, ...] = (),
        wrong: dict[str, str] | None = None,
        unknown: str = "option",
        once: dict[str, str] | None = None,
    ) -> None:
        self.rows, self.exact, self.unknown, self.once = rows, exact, unknown, once
        self.choices, self.wrong = choices or {}, wrong or {}

    def words(self) -> list[str]:
        """All the words, for suggestions."""
        return [row[0] for row in self.rows]

    def row(self, word: str) -> tuple[str, str, str] | None:
        """The first row that `word` abbreviates."""
        for row in self.rows:
            if row[0] == word or (word and row[0].startswith(word) and row[0] not in self.exact):
                return row
        return None


# Ether types that ip knows by name (linux/if_ether.h); any other is written as a number.
PROTOCOLS = {"802.1Q": 0x8100, "802.1ad": 0x88A8}
