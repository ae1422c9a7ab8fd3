"""Where a camera looks: rays drawn within its errors, the ground they reach, and the areas around."""
