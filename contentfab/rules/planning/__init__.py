"""What a campaign asks for: its cells, and the copy, picture and poster jobs of each."""
