"""The one error of reading a query string."""


class QueryError(ValueError):
    """A parameter has a value that nothing can be made of.

    Attributes:
        came: what came, as a sentence.
        expected: what was expected instead, as a sentence.
    """

    def __init__(self, came: str, expected: str) -> None:
        super().__init__(f"{came} {expected}")
        self.came = came
        self.expected = expected
