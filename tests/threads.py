"""Threads with a database connection of their own."""

import threading
from concurrent.futures import Future

from django.db import connection


def in_thread(function):
    """Call a function in a thread; return the future of its result."""
    future = Future()

    def run():
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)
        finally:
            connection.close()

    threading.Thread(target=run, daemon=True).start()
    return future
