"""The only SQL of this room: decisions and their outcomes, webhooks and their deliveries."""
