"""What is the next step of this project? A pure function of facts, and a driver that does it."""
