"""The room of the chapter `convolution`."""
