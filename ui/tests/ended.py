"""Runs a script of the tests, and ends it by what went wrong, a line each."""

import sys

import anyio


def causes(error):
    if isinstance(error, BaseExceptionGroup):
        return [cause for one in error.exceptions for cause in causes(one)]
    return [error]


def run(main):
    try:
        anyio.run(main, *sys.argv[1:])
    except BaseExceptionGroup as group:
        sys.exit("\n".join(f"{type(one).__name__}: {one}" for one in causes(group)))
