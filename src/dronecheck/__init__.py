"""dronecheck: was it where it was allowed to be?"""
