import circular_files.fifth

value = circular_files.fifth.attribute
