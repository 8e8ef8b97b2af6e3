"""The planner's page: a server for one planner on this machine, and nobody else.

It needs the extra ``serve``. Nothing here is imported before the verb that needs it.
"""
