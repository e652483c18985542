"""Running an office: one command, one old computer.

    adamas serve
    └── master (master.py)         opens office and keys once, forks, restarts what falls, drains on SIGTERM
        ├── web (web.py)           gunicorn: two processes of four threads
        ├── jobs (jobs.py)         tasks of the database's queue, and what comes round (web.jobs.EVERY)
        └── log (publishing.py)    publishes the own log, asks the witnesses, follows the others

Everything is loaded before the fork, so the processes share most of their memory; no database connection and no
passphrase crosses it, only the opened keys. All speak to the one database, so each may be killed at any moment.
"""
