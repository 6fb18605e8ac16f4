"""The room of the chapter `language`."""
