"""Arrays in, arrays out, for NumPy and torch alike; importing it does not import torch.

Nothing is re-exported: `attnlab.functional.softmax` is the module, `attnlab.softmax` the function.
"""
