# args: -m json.tool --compact
# stdin: {"b": [1, 2], "a": null}
print("not used")
