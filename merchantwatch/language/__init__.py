"""Text for users in both languages, and times as users write them."""
