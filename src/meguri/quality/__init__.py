"""What the answers add up to: consensus, skill, agreement."""
