"""A year of the scheme, small enough to run at a desk: real totals, a labelled synthetic year, planted faults.

places      folders, names and the simulated clock
world       founding: a registry, four offices, three witness processes
desk        one process for each office; the acts that it is asked for
year        the synthetic year, in fortnights, through the offices' own doors
faults      what goes wrong on purpose, and what an auditor must say of it
attacks     faults outside the offices: an altered tile, a hidden fork, a missing pillar
checks      an outsider's work: mirror, audit, prove, verify with the network off
others      the same certificate, checked by OpenSSL alone
told        everything that is printed
run         from beginning to end
"""
