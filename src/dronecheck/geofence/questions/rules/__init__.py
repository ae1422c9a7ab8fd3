"""The rules of the country on the day: whose they are, which edition held, and what the flight is to each of them."""
