"""How a date was counted, in words: the rule, what is known of the trigger, both dates, and how sure we are."""

from alerts.domain.counting import Proof, amounts
from alerts.domain.law import Certainty, Unit, Version
from alerts.domain.times import LocalTime
from alerts.render import clocks
from alerts.render.catalogue import Catalogue


def explained(proof: Proof, words: Catalogue) -> list[str]:
    """One sentence a line, the most important first."""
    lines = (*_sure(proof, words), *_dates(proof, words), *_law(proof, words))
    return [line.replace("..", ".") for line in lines if line]  # a value may end with a point of its own, as “2030 г.”


def _sure(proof: Proof, words: Catalogue) -> list[str]:
    lines = []
    if not proof.verified:
        lines.append(
            words.say(
                "Unverified – ask the lawyer. It is only used to remind early; it never says that a period is over."
            )
        )
    elif not proof.laid_out.verified:
        lines.append(
            words.say("How its days are counted is only recalled: the later date is unverified – ask the lawyer.")
        )
    if proof.rule.for_court:
        lines.append(words.say("The law says by then; it is often later, so this is no forecast."))
    if not proof.known:
        lines.append(
            words.say(
                "Nobody has seen the wording of that day: the nearest known ones are used, the shortest for the early "
                "date. Ask the lawyer."
            )
        )
    elif len(proof.rule.versions) > 1:
        lines.append(words.say("The law changed within the days that are meant: every wording that may apply is used."))
    return lines


def _dates(proof: Proof, words: Catalogue) -> list[str]:
    asked, way = proof.asked, proof.rule.counting
    assert way is not None
    if proof.rule.before:
        begins = words.say("Counted back from %(when)s.", when=_when(asked.trigger, words))
    elif way.first_day:
        begins = words.say("Begins: %(when)s, and that day or minute counts.", when=_when(asked.trigger, words))
    elif _hours(proof):
        begins = words.say("Begins: %(when)s; the hour begun does not count.", when=_when(asked.trigger, words))
    else:
        begins = words.say("Begins: %(when)s; that day does not count.", when=_when(asked.trigger, words))
    lines = [begins]
    if proof.from_copy and asked.copy:
        lines.append(words.say("The copy was handed over: %(when)s.", when=_when(asked.copy, words)))
    elif proof.from_copy:
        lines.append(
            words.say("Nobody knows when the copy was handed over: counted from the day of the decision instead.")
        )
    if asked.custody is None and way.rolls and not way.rolls_in_custody and not _hours(proof):
        lines.append(words.say("Nobody has said whether the person is in custody."))
    if proof.early == proof.outer and not proof.settled:
        lines.append(
            words.say("The date, as far as it is known: %(when)s. Reminders go by it.", when=_when(proof.early, words))
        )
    elif proof.early == proof.outer:
        lines.append(
            words.say("The date: %(when)s. Every reading of the law gives it.", when=_when(proof.early, words))
        )
    else:
        lines.append(words.say("The early date: %(when)s. Reminders go by it.", when=_when(proof.early, words)))
        lines.append(words.say("The outer date: %(when)s. Do not rely on it.", when=_when(proof.outer, words)))
    if proof.excluded:
        days = ", ".join(f"{clocks.day(one.day, words)} ({words.known(one.why)})" for one in proof.excluded)
        lines.append(words.say("Days off that the outer date passes over: %(days)s.", days=days))
    if proof.rolled:
        lines.append(words.say("Its last day was a day off, so it moved on to the next working day."))
    elif asked.custody and way.rolls and not way.rolls_in_custody:
        lines.append(words.say("For somebody in custody the last day does not move off a day off."))
    return lines


def _law(proof: Proof, words: Catalogue) -> list[str]:
    lines = [f"{proof.rule.id}: {words.known(proof.rule.what)}."]
    for version in proof.rule.versions:
        lines.append(_version(version, proof, words))
        if version.quote:
            lines.append(version.quote)
        if version.says:
            lines.append(version.says)
        if version.reviewed_by:
            lines.append(words.say("Reviewed by %(name)s.", name=version.reviewed_by))
        else:
            lines.append(words.say("No lawyer has reviewed this rule."))
    way = proof.rule.counting
    if way and way.article:
        lines.append(words.say("How it is counted: %(how)s.", how=way.article))
    if way:
        lines.append(way.note)
    lines.append(
        words.say("Zone rules %(tzdata)s, calendar of holidays %(calendar)s.",
                  tzdata=proof.tzdata, calendar=proof.calendar or "–")
    )  # fmt: skip
    return lines


def _version(version: Version, proof: Proof, words: Catalogue) -> str:
    many = [amount_in_words(amount, unit, words) for amount, unit in amounts(version, proof.asked.cases)]
    law = f"{version.article}: {' / '.join(many)}"
    if version.valid_from and version.valid_to:
        held = words.say(
            "in force from %(first)s to %(last)s",
            first=clocks.day(version.valid_from, words), last=clocks.day(version.valid_to, words),
        )  # fmt: skip
    elif version.valid_from:
        held = words.say("in force since %(first)s", first=clocks.day(version.valid_from, words))
    elif version.valid_to:
        held = words.say("in force until %(last)s", last=clocks.day(version.valid_to, words))
    else:
        held = words.say("since when it holds was not seen")
    return f"{law}; {held}; {certainty(version.certainty, words)} ({version.source})."


def certainty(value: Certainty, words: Catalogue) -> str:
    match value:
        case Certainty.TWICE:
            return words.say("read in two copies of the law; ask the lawyer")
        case Certainty.READ:
            return words.say("read in a copy of the law; ask the lawyer")
        case Certainty.OLD:
            return words.say("read in an old copy of the law; ask the lawyer")
        case Certainty.SECOND_HAND:
            return words.say("read of in a secondary source; ask the lawyer")
        case Certainty.RECALLED:
            return words.say("unverified – ask the lawyer")


def amount_in_words(amount: int, unit: Unit, words: Catalogue) -> str:
    match unit:
        case Unit.HOUR:
            return words.say_many("%(count)s hour", "%(count)s hours", amount)
        case Unit.SUTKI:
            return words.say_many("%(count)s day (сутки)", "%(count)s days (сутки)", amount)
        case Unit.DAY:
            return words.say_many("%(count)s calendar day", "%(count)s calendar days", amount)
        case Unit.WORKING_DAY:
            return words.say_many("%(count)s working day", "%(count)s working days", amount)
        case Unit.MONTH:
            return words.say_many("%(count)s month", "%(count)s months", amount)
        case Unit.YEAR:
            return words.say_many("%(count)s year", "%(count)s years", amount)


def _hours(proof: Proof) -> bool:
    return all(unit is Unit.HOUR for version in proof.rule.versions for _, unit in amounts(version, proof.asked.cases))


def _when(time: LocalTime, words: Catalogue) -> str:
    return clocks.when(time, words)[0]
