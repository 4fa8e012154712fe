"""One report of an execution: facts, collected once, as one HTML file, as Markdown and as JSON.

`collect` reads AWS and `facts` says what it means; neither writes. `page`, `markdown` and `data` are the
forms, `report` the verb. Imports the other reports and `run`, below it; `commands` and `laptop` import it.
"""
