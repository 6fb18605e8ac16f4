"""The room of the chapter `softmax`."""
