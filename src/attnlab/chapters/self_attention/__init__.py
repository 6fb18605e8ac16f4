"""The room of the chapter `self-attention`."""
