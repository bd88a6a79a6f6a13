"""What a signal is worth, and because of what."""

from alerts.domain.cases import Case
from alerts.domain.critical import Why, Window
from alerts.domain.times import at
from alerts.domain.triage import Around, Handled, Rule, Then, triage
from alerts.domain.watching import Match, Signal, Source, Tier

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
    for then in (Then.HOLD, Then.DRAFT, Then.PAGE):
        assert triage(SIGNAL, [], [Rule("r", then)]).handled is Handled.WAITING
    assert triage(SIGNAL, [], [Rule("r", Then.DISMISS)]).handled is Handled.DISMISSED


CASE = Case("c", "KG-1", "KG", topics=("Torture",))
AROUND = Around(Source("src", "https://news.example/rss", "News", starred=True), {"c": CASE})


def test_a_rule_may_ask_for_a_case_its_topic_a_source_or_a_star():
    for meets, misses in (
        (Rule("r", Then.HOLD, cases=frozenset({"KG-1"})), Rule("r", Then.HOLD, cases=frozenset({"KG-2"}))),
        (Rule("r", Then.HOLD, topics=frozenset({"torture"})), Rule("r", Then.HOLD, topics=frozenset({"land"}))),
        (Rule("r", Then.HOLD, sources=frozenset({"news"})), Rule("r", Then.HOLD, sources=frozenset({"other"}))),
    ):
        assert meets.fits(SIGNAL, [SURE], AROUND) and not misses.fits(SIGNAL, [SURE], AROUND)
    starred = Rule("r", Then.HOLD, starred=True)
    assert starred.fits(SIGNAL, [], AROUND) and not starred.fits(SIGNAL, [], Around(Source("s", "https://x.example/")))


COURT = Window("c", Why.COURT, at("2030-01-02 10:00", "Asia/Bishkek"))
DISMISS_ALL = Rule("all", Then.DISMISS)


def test_in_critical_hours_no_rule_sets_aside_what_surely_or_likely_names_them():
    around = Around(critical={"c": COURT})
    verdict = triage(SIGNAL, [SURE], [DISMISS_ALL], around)
    assert (verdict.then, verdict.because) == (Then.HOLD, "critical: a court sits")
    assert triage(SIGNAL, [PERHAPS], [DISMISS_ALL], around).then is Then.DISMISS
    assert triage(SIGNAL, [SURE], [Rule("w", Then.DRAFT)], around).because == "rule “w”"
    assert triage(SIGNAL, [SURE], [DISMISS_ALL], Around(critical={"other": COURT})).then is Then.DISMISS
