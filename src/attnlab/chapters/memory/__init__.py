"""The room of the chapter `memory`."""
