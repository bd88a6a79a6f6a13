"""Who hears first when a day's allowance does not suffice for all."""


def rank(near: bool, promised: bool, head: bool) -> int:
    """The smaller hears first: those near the court, then who promised to come, then heads of mission.

    Who is near and has promised comes before who is only near, and so on: 0 (all three) to `LAST` (none). Within one
    alert only: between alerts urgent goes before digest (`Kind.priority`).
    """
    return (not near) * 4 + (not promised) * 2 + (not head)


LAST = rank(False, False, False)
