"""`python -m tests.edits [SEED [FILES [WORKERS]]]`."""

import sys

from tests.edits.measure import main

if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*(numbers + [20261122, 0, 2][len(numbers) :]))
