"""The sample of a host is in the tests of the map."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "hostmap"))
