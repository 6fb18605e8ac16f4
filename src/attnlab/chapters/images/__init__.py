"""The room of the chapter `images`."""
