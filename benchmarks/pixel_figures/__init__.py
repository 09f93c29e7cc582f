"""What the figures on burned-in text are made with: cleaning, judging, reading, and telling."""
