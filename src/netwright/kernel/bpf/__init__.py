"""Small programs that the kernel runs for us: loading, running once, and where its structures have their fields."""
