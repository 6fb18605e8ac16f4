"""The room of the chapter `decoding`."""
