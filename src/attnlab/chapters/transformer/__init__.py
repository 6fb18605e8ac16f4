"""The room of the chapter `transformer`."""
