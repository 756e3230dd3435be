"""A row of the table, and the ways to write it down."""

from dataclasses import asdict, dataclass


@dataclass
class Row:
    """One line of the table.

    ``value`` and ``reference`` are what was measured on either side, in ``unit``;
    ``figure`` (usually their ratio) must reach ``limit``. ``gain`` is what a user
    has of it.
    """

    measure: str
    against: str
    unit: str
    value: float
    reference: float
    figure: float
    limit: float
    rounds: int
    at_least: bool = False
    kind: str = "x"
    gain: str = ""

    @property
    def holds(self):
        """Whether the figure reaches what it must."""
        if self.at_least:
            return self.figure >= self.limit
        return self.figure <= self.limit

    @classmethod
    def ratio(cls, measure, against, unit, value, reference, limit, rounds, **more):
        """Return a row whose figure is the ratio of both values."""
        figure = value / reference if reference else float("inf")
        return cls(
            measure, against, unit, value, reference, figure, limit, rounds, **more
        )

    def as_dict(self):
        """Return it for JSON."""
        return {**asdict(self), "holds": self.holds}

    @property
    def verdict(self):
        """The figure with what it must reach, in words."""
        if self.kind == "more":
            return f"{self.figure:+,.0f}", f"at most {self.limit:+,.0f}"
        sign = "≥" if self.at_least else "≤"
        return f"{self.figure:.2f} x", f"{sign} {self.limit:g} x"


def number(value, unit):
    """Return a measured value as text."""
    if unit in ("s", "stories/s"):
        return f"{value:,.3f} {unit}" if value < 10 else f"{value:,.1f} {unit}"
    return f"{value:,.0f} {unit}"


def cells(row):
    """Return the cells of a row as text."""
    figure, limit = row.verdict
    return [
        row.measure,
        row.against,
        number(row.value, row.unit),
        number(row.reference, row.unit),
        figure,
        limit,
        str(row.rounds),
        "holds" if row.holds else "FALLS SHORT",
        row.gain,
    ]


HEADER = [
    "Measure",
    "Against",
    "Ours",
    "The other",
    "Figure",
    "Must reach",
    "Rounds",
    "",
    "What a user gains",
]


def markdown(rows):
    """Return the table for the read me."""
    lines = [HEADER, ["---"] * len(HEADER), *map(cells, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def plain(rows):
    """Return the table for the terminal."""
    lines = [HEADER, *map(cells, rows)]
    # What the row is compared with, and is good for, would make it too wide.
    lines = [line[:1] + line[2:-1] for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if not position else cell.rjust(width)
            for position, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
