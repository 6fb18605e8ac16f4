"""The room of the chapter `proteins`."""
