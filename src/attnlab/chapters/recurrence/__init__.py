"""The room of the chapter `recurrence`."""
