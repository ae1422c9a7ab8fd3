"""National rules for drones as data: packs of rules with their paragraphs and days, chosen by territory and day.

No pack says what is legal: a rule is one number of one paragraph, as read on the day that the pack names.
"""

from dronecheck.rules.choose import chosen, pack_of, packs_for
from dronecheck.rules.edition import RulesOnDay, compared, day_of, rules_on
from dronecheck.rules.pack import Pack, Quantity, Rule, packs

__all__ = [
    "Pack",
    "Quantity",
    "Rule",
    "RulesOnDay",
    "chosen",
    "compared",
    "day_of",
    "pack_of",
    "packs",
    "packs_for",
    "rules_on",
]
