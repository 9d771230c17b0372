"""nftables values as nft(8)'s text and back: `rendered(table)` is what `nft -f -` takes, `parsed(text)` reads what it prints.

`parsed` reads the output of `nft -s list ruleset`. What a Table has no place for is left out: counters, quotas, helpers,
flowtables and other named objects, comments on tables, chains and sets, and a set's size, default timeout and auto-merge.
Rules and elements are kept in nft's words with single blanks between them. The grammar: nft(8), and nftables' scanner.l
(a string in quotes cannot hold a quote; # starts a comment anywhere else).
"""

from ..errors import Invalid
from .nft import Chain, Set, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FAMILIES = ("ip", "ip6", "inet", "arp", "bridge", "netdev")
FLAGS = ("constant", "interval", "timeout", "dynamic")
_NAME = r"[A-Za-z_.][A-Za-z0-9_./-]*"
_TOKEN = r'"[^"]*"|#[^\n]*|[{};\n]|[^\S\n]+|[^\s"#{};]+'
_ELEMENT = r'(?:"[^"]*"|[^",])+'
_HOOK = r'type (\S+) hook (\S+)(?: devices? (?:= )?(?:\{((?:"[^"]*"|[^{}"])*)\}|("[^"]*"|\S+)))? priority (.+)'
# Words that nft 1.0.6 takes for its own wherever a name may stand; there is no way to quote a name.
_OWN_WORDS = (
    "accept add ah all and arp auto-merge bridge cgroup chain comment comp constant continue counter cpu create ct "
    "day dccp define delete describe destroy device devices dnat drop dst dup dynamic ecn element elements eq esp "
    "ether exists expires export exthdr fib flags flow flowtable flush frag fwd gc-interval ge get goto gt handle hbh "
    "hook hour ibriport ibrname icmp icmpv6 igmp iif iifgroup iifname iiftype import include index inet insert "
    "interval ip ip6 ipsec jhash jump le limit list ll log lt map mark masquerade meta meter mh missing monitor ne "
    "netdev nftrace nh not notrack numgen obriport obrname offload oif oifgroup oifname oiftype or osf pkttype policy "
    "position priority queue quota random redefine redirect reject rename replace reset return rt rt0 rt2 rtclassid "
    "rule ruleset sctp secmark set size skgid skuid snat socket srh symhash synproxy table tcp th time timeout tproxy "
    "type typeof udp udplite undefine update vlan vmap xor xt "
)
RESERVED = frozenset(_OWN_WORDS.split())
_NO_RULES = ("type", "policy", "comment", "devices", "flags")


# -- to text -------------------------------------------------------------------------------------------------------------


def rendered(table: Table) -> str:
    """The table as a block for `nft -f -`. Invalid, with every mistake, where nft would read something else from it."""
    wrong = list(_mistakes(table))
    if wrong:
        raise Invalid(f"table {table.family} {table.name} cannot be written for nft", why="; ".join(wrong))
    out = [f"table {table.family} {table.name} {{"]
    for name, what in table.sets.items():
        out += [f"\t{'map' if what.data else 'set'} {name} {{", *_set_lines(what), "\t}", ""]
    for name, chain in table.chains.items():
        out += [f"\tchain {name} {{", *_chain_lines(chain), "\t}", ""]
    if not out[-1]:
        out.pop()
    return "\n".join([*out, "}", ""])


def put_text(table: Table) -> str:
    """The same as one transaction that replaces the table: nft refuses to delete a table that is not there, so add it first."""
    name = f"table {table.family} {table.name}"
    block = rendered(table)
    return f"add {name}\ndelete {name}\n{block}"


def element_text(verb: str, family: str, table: str, name: str, elements: "Iterable[str]") -> str:
    """`add element inet gate web { 80, 443 }`; verb is add or delete. Invalid for what nft would misread."""
    given = list(elements)
    wrong = [*_named("table", table), *_named("set", name), *(w for e in given for w in _element_mistakes(e))]
    if wrong or not given:
        raise Invalid(f"elements of {family} {table} {name} cannot be written for nft", why="; ".join(wrong) or "there are none")
    return f"{verb} element {family} {table} {name} {{ {', '.join(given)} }}\n"


def _set_lines(what: Set) -> "Iterator[str]":
    kind = what.type if what.type.startswith("typeof ") else f"type {what.type}"
    yield f"\t\t{kind}{' : ' + what.data if what.data else ''}"
    if what.flags:
        yield f"\t\tflags {','.join(what.flags)}"
    if what.elements:
        yield f"\t\telements = {{ {', '.join(sorted(what.elements))} }}"


def _chain_lines(chain: Chain) -> "Iterator[str]":
    if chain.hook:
        names = [f'"{name}"' for name in chain.device.split()]
        device = f" devices = {{ {', '.join(names)} }}" if len(names) > 1 else "".join(f" device {name}" for name in names)
        yield f"\t\ttype {chain.type} hook {chain.hook}{device} priority {chain.priority}; policy {chain.policy};"
    yield from (f"\t\t{rule}" for rule in chain.rules)


# -- what nft would misread ----------------------------------------------------------------------------------------------


def _mistakes(table: Table) -> "Iterator[str]":
    if table.family not in FAMILIES:
        yield f"no family {table.family!r}: one of {', '.join(FAMILIES)}"
    yield from _named("table", table.name)
    for name, what in table.sets.items():
        yield from _named("set", name)
        yield from _set_mistakes(name, what)
    for name, chain in table.chains.items():
        yield from _named("chain", name)
        yield from _chain_mistakes(name, chain)


def _named(what: str, name: str) -> list[str]:
    import re

    if name in RESERVED:
        return [f"{what} {name!r}: that is one of nft's own words; call it {name}s or my-{name}"]
    good = re.fullmatch(_NAME, name) and len(name) < 256
    return [] if good else [f"{what} {name!r}: a name is letters, digits, _ . / - and does not start with a digit"]


def _set_mistakes(name: str, what: Set) -> "Iterator[str]":
    for text in (what.type, *([what.data] if what.data else [])):
        if text in ("", "typeof ") or " : " in text or not _is_flat(text, quotes=False):
            yield f"set {name}: no type {text!r}"
    yield from (f"set {name}: no flag {flag!r}: one of {', '.join(FLAGS)}" for flag in what.flags if flag not in FLAGS)
    yield from (f"set {name}: {wrong}" for element in sorted(what.elements) for wrong in _element_mistakes(element))


def _element_mistakes(element: str) -> list[str]:
    import re

    # What stands in quotes may hold anything but a quote, so it is taken out before looking.
    bare = re.sub(r'"[^"]*"', "", element)
    return [] if _is_flat(element) and "," not in bare else [f"not one element: {element!r}"]


def _chain_mistakes(name: str, chain: Chain) -> "Iterator[str]":
    if not chain.hook and (chain.type or chain.priority or chain.device or chain.policy != "accept"):
        yield f"chain {name}: type, priority, policy and device belong to a chain with a hook"
    elif chain.hook:
        if '"' in chain.device or chain.device != " ".join(chain.device.split()):
            yield f"chain {name}: no device {chain.device!r}"
        for word in ("type", "hook", "priority", "policy"):
            text = getattr(chain, word)
            if not _is_flat(text, quotes=False) or (word != "priority" and " " in text) or "," in text:
                yield f"chain {name}: no {word} {text!r}"
    for rule in chain.rules:
        if rule.partition(" ")[0] in _NO_RULES or not _is_rule(rule):
            yield f"chain {name}: not one rule: {rule!r}"


def _is_flat(text: str, *, quotes: bool = True) -> bool:
    """One rule without braces; and, where a bare word is expected, without quotes."""
    return _is_rule(text) and _Tokens(text).plain and (quotes or '"' not in text)


def _is_rule(text: str) -> bool:
    tokens = _Tokens(text)
    try:
        return bool(text) and tokens.whole and tokens.statement() == text and tokens.at_end()
    except Invalid:
        return False


# -- from text -----------------------------------------------------------------------------------------------------------


def parsed(text: str) -> "dict[tuple[str, str], Table]":
    """The tables in what `nft -s list ruleset` prints, by (family, name). Invalid, with the line, where that is none."""
    tokens = _Tokens(text)
    out: dict[tuple[str, str], Table] = {}
    if not tokens.whole:
        raise tokens.wrong("a quote is not closed")
    while (head := tokens.head()) is not None:
        words, opened = head
        if not words and not opened:
            continue
        if not opened or len(words) != 3 or words[0] != "table" or words[1] not in FAMILIES:
            raise tokens.wrong(f"expected `table FAMILY NAME {{`, not {' '.join(words)!r}")
        if (words[1], words[2]) in out:
            raise tokens.wrong(f"table {words[1]} {words[2]} a second time")
        out[words[1], words[2]] = _table(tokens, words[1], words[2])
    return out


def _table(tokens: "_Tokens", family: str, name: str) -> Table:
    sets: dict[str, Set] = {}
    chains: dict[str, Chain] = {}
    while not tokens.closed():
        words, opened = tokens.needed()
        if opened and len(words) == 2 and words[0] in ("set", "map"):
            sets[words[1]] = _set(tokens)
        elif opened and len(words) == 2 and words[0] == "chain":
            chains[words[1]] = _chain(tokens)
        elif opened:
            tokens.skip()
    return Table(family, name, sets, chains)


def _set(tokens: "_Tokens") -> Set:
    import re

    kind = data = ""
    flags: tuple[str, ...] = ()
    elements: list[str] = []
    for line in tokens.statements():
        word, _, rest = line.partition(" ")
        if word in ("type", "typeof"):
            key, _, data = rest.partition(" : ")
            kind = f"typeof {key}" if word == "typeof" else key
        elif word == "flags":
            flags = tuple(flag.strip() for flag in rest.split(","))
        elif word == "elements":
            inner = rest.removeprefix("=").strip().removeprefix("{").removesuffix("}")
            elements = [found.strip() for found in re.findall(_ELEMENT, inner)]
    if not kind:
        raise tokens.wrong("a set without a type")
    return Set(kind, data, flags, frozenset(filter(None, elements)))


def _chain(tokens: "_Tokens") -> Chain:
    import re

    rules: list[str] = []
    base: Mapping[str, str] = {}
    policy = "accept"
    for line in tokens.statements():
        word, _, rest = line.partition(" ")
        if found := re.fullmatch(_HOOK, line) if word == "type" else None:
            kind, hook, several, one, priority = found.groups()
            names = re.findall(r'"[^"]*"|[^\s,]+', several or one or "")
            device = " ".join(name.strip('"') for name in names)
            base = {"type": kind, "hook": hook, "priority": priority, "device": device}
        elif word == "policy":
            policy = rest
        elif word not in _NO_RULES:
            rules.append(line)
        elif word == "type":
            raise tokens.wrong(f"cannot read the hook {line!r}")
    return Chain(tuple(rules), policy=policy, **base)


class _Tokens:
    """A text as nft's scanner sees it, read from left to right. Comments are gone; blanks are single."""

    def __init__(self, text: str) -> None:
        import re

        found = re.findall(_TOKEN, text)
        self.whole = sum(map(len, found)) == len(text)
        self.plain = not any(token[0] in "#{};\n" for token in found)
        self._tokens = [token if token == "\n" or not token.isspace() else " " for token in found if token[0] != "#"]
        self._at = 0

    def wrong(self, why: str) -> Invalid:
        """The error, at the line where reading stands."""
        line = 1 + sum(token.count("\n") for token in self._tokens[: max(self._at - 1, 0)])
        return Invalid(f"cannot read nft's ruleset, line {line}", why=why)

    def at_end(self) -> bool:
        return self._at >= len(self._tokens)

    def head(self) -> "tuple[list[str], bool] | None":
        """The words up to the end of the line or to the brace that opens a block (True); None at the end of the text."""
        if self.at_end():
            return None
        first = self._at
        for token in self._tokens[first:]:
            self._at += 1
            if token == "}":
                raise self.wrong("a } without its {")
            if token in ("{", ";", "\n"):
                break
        taken = self._tokens[first : self._at]
        opened = taken[-1] == "{"
        return [word for word in taken if word not in ("{", ";", "\n", " ")], opened

    def needed(self) -> "tuple[list[str], bool]":
        """The same inside a block, where the text may not end."""
        found = self.head()
        if found is None:
            raise self.wrong("the text ends within a block")
        return found

    def closed(self) -> bool:
        """Go over blanks and ends of statements; True, and past it, when the block's closing brace is next."""
        while not self.at_end() and self._tokens[self._at] in (" ", "\n", ";"):
            self._at += 1
        if not self.at_end() and self._tokens[self._at] == "}":
            self._at += 1
            return True
        return False

    def skip(self) -> None:
        """Go past the end of the block that was just opened."""
        depth = 1
        while depth:
            if self.at_end():
                raise self.wrong("the text ends within a block")
            depth += {"{": 1, "}": -1}.get(self._tokens[self._at], 0)
            self._at += 1

    def statement(self) -> str:
        """The text up to the end of the statement; lines within braces are joined. The end itself is not gone past."""
        parts: list[str] = []
        depth = 0
        while not self.at_end():
            token = self._tokens[self._at]
            if not depth and token in (";", "\n", "}"):
                break
            depth += {"{": 1, "}": -1}.get(token, 0)
            blank = token in (" ", "\n")
            if not blank or (parts and parts[-1] != " "):
                parts.append(" " if blank else token)
            self._at += 1
        if depth:
            raise self.wrong("a { without its }")
        return "".join(parts).strip(" ")

    def statements(self) -> "Iterator[str]":
        """Every statement of the block that was just opened, to past its end."""
        while not self.closed():
            if self.at_end():
                raise self.wrong("the text ends within a block")
            yield self.statement()
