"""What the chapters' widgets share: one idea each, to be moved by hand, with Python and without.

Every widget is an ordinary Jupyter widget. What the reader sets is a trait (`w.d_k`), synchronized
both ways; what follows from it is a property (`w.weights`), computed by `attnlab`.
"""
