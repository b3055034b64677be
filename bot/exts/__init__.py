"""What people ask the bot for on Discord: one module for each area."""
