"""The registry desk: root keys of the pillars, Participants, authorities, their keys and number ranges."""
