"""The room of the chapter `block`."""
