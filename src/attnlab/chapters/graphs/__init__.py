"""The room of the chapter `graphs`."""
