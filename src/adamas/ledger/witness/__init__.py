"""Witnesses: they cosign a log's checkpoint only if it extends the last one that they cosigned (C2SP
tlog-witness).

    request.py   the body of add-checkpoint, read strictly, and the decision upon it; both pure
    state.py     the last cosigned checkpoint of each log, durable before any signature leaves
    config.py    witness.toml, the two keys of a witness, and its lines in a policy
    server.py    the HTTP service
    client.py    a log asks all its witnesses at once and believes none of them
"""
