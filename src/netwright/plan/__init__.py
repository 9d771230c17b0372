"""Operations as values, and what they mean; no I/O."""
