"""The room of the chapter `masks`."""
