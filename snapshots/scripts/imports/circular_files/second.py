from . import first
import circular_files.first as also

SEEN = hasattr(first, "VALUE"), also is first
