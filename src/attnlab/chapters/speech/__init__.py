"""The room of the chapter `speech`."""
