"""When the customer's turn begins, what interrupts the bot, and when a turn is over."""
