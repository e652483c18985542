"""The log desk: entries, what is known of each statement, waiting ones, findings; replay, follow and publish."""
