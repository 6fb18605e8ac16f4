"""The room of the chapter `series`."""
