"""A graph on one thread, in this process or in a child process of its own.

Imports inside this package are relative, and it needs nothing but LangGraph: a
child process loads it under another name, because there a module called
`agents` is the graph's own.
"""
