"""The room of the chapter `scaling`."""
