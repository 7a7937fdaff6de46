__all__ = ["deep", "x"]
x = "sub x"
