"""The map of a whole host: every network namespace, who holds it, how it is wired; a snapshot as one value, and what is shown of it."""
