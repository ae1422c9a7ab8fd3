"""`python -m tests.edits [SEED [EDITS [WORKERS]]]`."""

import sys

from tests.edits.measure import main

if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*(numbers + [20261122, 12, 2][len(numbers) :]))
