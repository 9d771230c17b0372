"""Where plans meet the kernel, and nowhere else."""
