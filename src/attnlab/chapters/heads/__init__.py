"""The room of the chapter `heads`."""
