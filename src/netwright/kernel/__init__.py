"""The only room with system calls; it knows no policy."""
