"""The room of the chapter `recommendation`."""
