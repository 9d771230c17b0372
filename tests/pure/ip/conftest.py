"""Makes the fakes next to the tests importable (pytest's importlib mode adds no directory to the path)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
