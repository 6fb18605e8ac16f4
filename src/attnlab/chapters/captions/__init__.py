"""The room of the chapter `captions`."""
