"""SQL statements and the classes that run them. They are the same for every SQL engine.

An engine inherits the query classes and implements `SqlQueries.execute`. It brings its own schema, insert and delete.
"""
