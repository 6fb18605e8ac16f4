"""The room of the chapter `lookup`."""
