"""The Amazon States Language on the laptop: moto's interpreter, made to keep AWS's rules.

Nothing here imports moto until `interpreter` is imported: that takes a second, so it is done in the
background of the first request that will need it.
"""
