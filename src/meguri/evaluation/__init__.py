"""What was measured, what the gate says of it, and which model bears which name."""
