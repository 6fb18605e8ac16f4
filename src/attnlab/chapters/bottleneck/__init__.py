"""The room of the chapter `bottleneck`."""
