"""The room of the chapter `positions`."""
