from .third import other

thing = 1
