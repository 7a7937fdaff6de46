# -*- coding: latin-1 -*-
s = "plain"; b = b"\x00\xff\
"; r = R'\d' "\N{BULLET}\u00e9\U0001F600\101"; n = 0x_f + 0b1 + 0o7 + 1_0.5e-1_0j + .5
