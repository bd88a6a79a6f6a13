"""What a signal is worth, and because of what."""

from alerts.domain.triage import Handled, Rule, Then, triage
from alerts.domain.watching import Match, Signal, Tier

SIGNAL = Signal("s", "src", "fp", "Lawyer detained", text="Aida Sample was taken in Bishkek", country="KG")
SURE = Match("m", "s", "c", "p", "Aida Sample", "Aida Sample", 16, 27)
PERHAPS = Match("n", "s", "c", "p", "A. Sample", "Sample", 21, 27, Tier.PERHAPS)


def test_news_of_our_people_waits_for_a_person():
    verdict = triage(SIGNAL, [SURE], [])
    assert (verdict.then, verdict.because, verdict.handled) == (Then.HOLD, "names Aida Sample", Handled.WAITING)


def test_other_news_is_set_aside_with_the_reason():
    verdict = triage(SIGNAL, [], [])
    assert (verdict.then, verdict.handled) == (Then.DISMISS, Handled.DISMISSED)
    assert verdict.because == "names nobody whom we follow"


def test_the_first_rule_that_fits_wins_and_gives_its_name():
    rules = [
        Rule("other country", Then.DISMISS, countries=frozenset({"KZ"})),
        Rule("ours", Then.DRAFT, countries=frozenset({"KG"}), tier=Tier.SURE),
        Rule("all", Then.DISMISS),
    ]
    verdict = triage(SIGNAL, [SURE], rules)
    assert (verdict.then, verdict.because) == (Then.DRAFT, "rule “ours”")
    assert triage(SIGNAL, [], rules).because == "rule “all”"


def test_the_best_match_decides_whether_it_is_sure_enough():
    rule = Rule("sure", Then.DRAFT, tier=Tier.LIKELY)
    assert not rule.fits(SIGNAL, [PERHAPS])
    assert rule.fits(SIGNAL, [PERHAPS, SURE])
    assert not rule.fits(SIGNAL, [])


def test_words_are_found_whatever_their_case_in_title_and_text():
    assert Rule("w", Then.DRAFT, words=frozenset({"detained"})).fits(SIGNAL, [])
    assert Rule("w", Then.DRAFT, words=frozenset({"taken in"})).fits(SIGNAL, [])
    assert not Rule("w", Then.DRAFT, words=frozenset({"released"})).fits(SIGNAL, [])


def test_a_rule_without_conditions_fits_everything():
    assert Rule("any", Then.HOLD).fits(SIGNAL, [])


def test_what_a_rule_drafts_or_holds_waits_for_people():
    for then in (Then.HOLD, Then.DRAFT):
        assert triage(SIGNAL, [], [Rule("r", then)]).handled is Handled.WAITING
    assert triage(SIGNAL, [], [Rule("r", Then.DISMISS)]).handled is Handled.DISMISSED
