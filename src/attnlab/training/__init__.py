"""How models are trained: in steps and not in seconds, so that every machine gets the same."""
