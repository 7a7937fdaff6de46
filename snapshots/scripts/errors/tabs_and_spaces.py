# exit: 1
# Tabs and spaces that cannot be compared.
if True:
        a = 1
	b = 2
