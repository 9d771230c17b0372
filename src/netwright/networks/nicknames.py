"""Names for containers that nobody named: two words that can be said and typed, `calm-otter`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container


def _words(text: str) -> "tuple[str, ...]":
    return tuple(text.split())


FIRST = _words(
    "able agile amber apt bold brave brief bright brisk calm candid civil clear clever cosy crisp curly deft early eager easy fair fast fine firm "
    "fleet fond free fresh gentle glad golden good grand green happy hardy honest humble jolly jovial just keen kind large late level light lively "
    "lucky lunar lush mellow merry mild mint neat new nimble noble open pale patient plain polite prime proud pure quick quiet rapid ready rich round "
    "royal ruby sage sharp silent silver simple sleek smart smooth snowy sober soft solar solid sound spry steady still stout strong sunny sure "
    "sweet swift tame tidy topaz true vast vivid warm wise witty young zesty"
)
SECOND = _words(
    "acorn alder apple aspen badger basil bay beaver beech birch bison brook cedar cherry clover cloud comet coral crane creek crow daisy dale deer "
    "delta dove dune eagle elk elm ember falcon fern field finch fir fjord flint forest fox gale ginger glade grove gull harbor hare hawk hazel "
    "heath heron hill holly ibex iris isle ivy jay juniper kestrel lagoon lake lark laurel leaf lemon lily linden lotus lynx maple marten meadow "
    "mesa moose moss myrtle newt oak oasis olive orchid osprey otter owl panda peak pear pebble pine plum pond poplar puffin quail quince rain "
    "raven reed ridge river robin rose rowan sable sage seal sedge sky snow sparrow spring spruce squirrel star stork stream swan swift tern thistle "
    "thrush tide tulip valley violet walnut wave willow wolf wren yarrow"
)


def nickname(taken: "Container[str]", random: "Callable[[int], bytes]") -> str:
    """One that is not taken. After a few that are, a number is put behind: there is always one."""
    number = 0
    while True:
        a, b, *_ = random(4)
        found = f"{FIRST[a % len(FIRST)]}-{SECOND[b % len(SECOND)]}" + (f"-{number}" if number > 8 else "")
        if found not in taken:
            return found
        number += 1
