"""The desk's rules of triage: those of its settings first, in their order, then those that admins wrote here."""

from typing import Any

from alerts.domain import rules
from alerts.domain.errors import Invalid
from alerts.domain.rules import Kept
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant
from alerts.domain.triage import Rule
from alerts.services import casework
from alerts.services.ids import new_id
from alerts.settings import Settings, countries
from alerts.store import Store, Tx
from alerts.store.tables import RULE

MOST = 100


def of_settings(settings: Settings) -> list[Rule]:
    """The rules of triage.rules. Raises Invalid, with the rule and the key."""
    found = []
    for n, values in enumerate(settings.triage.rules, 1):
        name = values.get("name")
        where = f"triage.rules, rule {n}" + (f" “{name}”" if isinstance(name, str) and name.strip() else "")
        try:
            found.append(rules.rule(values, countries()))
        except Invalid as refusal:
            raise Invalid(f"{where}: {refusal}") from None
    return found


def in_force(store: Store, settings: Settings) -> list[Rule]:
    """Every rule in the order in which they are asked. Raises Invalid, as `of_settings` does."""
    return [*of_settings(settings), *(rules.rule(kept.values, countries()) for kept in listing(store))]


def listing(store: Store) -> list[Kept]:
    """The rules that were written in the console, in their order."""
    with store.read() as tx:
        return _kept(tx)


def write(store: Store, values: dict[str, Any], *, by: Staff, now: Instant, id: str = "") -> Kept:
    """A new rule, after the others; or with `id` that one, changed, in its place.

    It is asked of what comes in from now on: what was decided stays decided. Raises Forbidden, Invalid, NotFound.
    """
    by.must_be(Role.ADMIN, "write rules")
    rule = rules.rule(values, countries())
    conditions = {key: value for key, value in values.items() if key not in ("name", "then")}
    with store.begin() as tx:
        for code in sorted(rule.cases):
            casework.find(tx, code)
        before = _kept(tx)
        if any(other.name == rule.name and other.id != id for other in before):
            raise Invalid(f"There is a rule “{rule.name}” already.")
        if id:
            kept = Kept(id, tx.rules.get(id).position, rule.name, rule.then, conditions)
            tx.rules.save(kept)
        else:
            if len(before) >= MOST:
                raise Invalid(f"There are {MOST} rules already: nobody can say any more what they do together.")
            kept = Kept(new_id(now), max((k.position for k in before), default=0) + 1, rule.name, rule.then, conditions)
            tx.rules.add(kept)
        tx.audit.add("rule changed" if id else "rule written", kept.id, kept.name, by=by, at=now)
    return kept


def earlier(store: Store, id: str, *, by: Staff, now: Instant) -> None:
    """Ask it before the one that stands before it. Raises Forbidden, NotFound."""
    by.must_be(Role.ADMIN, "order rules")
    with store.begin() as tx:
        kept = tx.rules.get(id)
        order = _kept(tx)
        place = next(n for n, other in enumerate(order) if other.id == id)
        if place == 0:
            return
        above = order[place - 1]
        tx.rules.update(RULE.c.id == above.id, position=kept.position)
        tx.rules.update(RULE.c.id == kept.id, position=above.position)
        tx.audit.add("rule moved up", kept.id, kept.name, by=by, at=now)


def remove(store: Store, id: str, *, by: Staff, now: Instant) -> None:
    """Ask it no more. What it decided stays decided. Raises Forbidden, NotFound."""
    by.must_be(Role.ADMIN, "remove rules")
    with store.begin() as tx:
        kept = tx.rules.get(id)
        tx.rules.delete(RULE.c.id == id)
        tx.audit.add("rule removed", kept.id, kept.name, by=by, at=now)


def _kept(tx: Tx) -> list[Kept]:
    return tx.rules.where(by=[RULE.c.position, RULE.c.id])
