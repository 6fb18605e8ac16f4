"""The room of the chapter `translation`."""
