"""The command line: words, progress and exit codes. Every decision is made in a library function.

Commands import what they need when they are called: `contentfab --help` loads Typer and nothing
of the line.
"""
