"""The room of the chapter `pointers`."""
