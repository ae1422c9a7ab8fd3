"""The flown path and its signed distance to a region: visits, approaches, probability."""
