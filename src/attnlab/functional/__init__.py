"""Arrays in, arrays out, for NumPy and torch alike; importing it does not import torch.

Nothing is re-exported: `attnlab.functional.softmax` is the module, `attnlab.softmax` the function.

What NaN, inf and -inf mean is decided once, for attention in every form:

- What is masked never matters. A key or value that a query may not attend to, by a mask, in the
  future, or by a score of -inf, may hold anything: neither the query's context nor a gradient
  changes. A query that may attend to nothing has weights 0 and context 0.
- What is seen passes on. A query that may attend to a key that is not finite, or is not finite
  itself, has NaN for its weights and its context. A value that is not finite stays so in the
  context of each query that may attend to it, as inf, -inf or NaN.
- Everywhere else numbers go their way as IEEE 754 has it, and what is not finite is never hidden.
"""
