"""placeholder"""


def install(app):
    pass
