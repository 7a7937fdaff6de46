from . import second

VALUE = "first is complete"
