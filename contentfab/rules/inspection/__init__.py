"""The test suite of a finished poster: every rule that its pixels, boxes and bytes must keep.

`inspect` runs the rules that what is known allows, and names the others: a rule that was not run is
never a pass. Nothing here trusts what a layout says of itself where pixels can be measured.
"""

from contentfab.rules.inspection.file import inspect_file
from contentfab.rules.inspection.front import RULES, Report, about, inspect
from contentfab.rules.inspection.subject import Subject

__all__ = ["RULES", "Report", "Subject", "about", "inspect", "inspect_file"]
