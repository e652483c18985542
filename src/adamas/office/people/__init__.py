"""Who works here: accounts, organisations, roles, approvals, and the trail of what each did."""
