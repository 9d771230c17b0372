"""An error as JSON, for --json-errors: {"error", "code", "why", "fix"}."""

import json

from .exits import Exit


def error_as_json(end: Exit) -> str:
    """One line of JSON: `error` is ip's own line, `code` the exit code, `why` and `fix` what we can add."""
    fields = {"error": end.text, "code": end.code, "why": end.why, "fix": end.fix}
    return json.dumps({key: value for key, value in fields.items() if value != ""}, ensure_ascii=False) + "\n"
