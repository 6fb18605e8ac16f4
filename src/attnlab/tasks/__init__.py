"""Tasks small enough to learn in seconds, each with an honest held-out split; one file a task."""
