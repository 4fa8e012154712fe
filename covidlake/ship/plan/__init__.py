"""What a deploy would change, shown before it does: builder, risks, review, file, table, Markdown.

`model.py` is the data, which everything else here works on. Imports `stack`; nothing here executes.
"""
