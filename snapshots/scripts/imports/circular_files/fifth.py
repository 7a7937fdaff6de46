from . import sixth

attribute = 1
