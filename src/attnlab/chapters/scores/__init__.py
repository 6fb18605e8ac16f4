"""The room of the chapter `scores`."""
