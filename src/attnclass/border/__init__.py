"""The border between what checks and what is checked: two processes, and what may pass.

Checkers run in a process of the instructor's, with their own values. A learner's code runs in
another one, which is asked for values and told to call functions, and answers. What goes out is
pickled; what comes in is JSON and the bytes of arrays, bounded and checked, and never unpickled.
"""
