__all__ = ["public", "also"]
public, also, hidden, _private = 1, 2, 3, 4
