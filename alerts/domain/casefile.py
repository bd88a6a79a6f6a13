"""A file of cases: who, where, what happened, what is claimed, what is asked. Only code and country are required."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from alerts.domain import casedetails, caseevents
from alerts.domain.caseevents import Told
from alerts.domain.cases import Addressee, Ask, Case, Event, Fact, NameForm, Person, Wish
from alerts.domain.countries import Country, country
from alerts.domain.documents import Node, Part, Reader
from alerts.domain.errors import Invalid
from alerts.domain.labels import Answer
from alerts.domain.refusals import Refusal

FILE = (
    "document",
    "public",
    "source",
    "fictional",
    "agreed_by",
    "agreed_on",
    "countries",
    "cases",
    "asks",
    "addressees",
)
CASE = (
    "code", "country", "people", "others", "court", "concerns", "topics", "proceeding", "plaintiffs", "claim", "charge",
    "detention", "events", "facts", "linked", "fictional", "answer", "agreed_by", "agreed_on", "wanted", "source",
    "notes", "asks", "addressees",
)  # fmt: skip
PERSON = ("name", "role", "organisation", "position", "status", "sensitive", "region", "work", "forms")
ADDRESSEE = ("country", "office", "holder", "address", "salutations", "copy", "checked_on", "valid_until")
PUBLIC = "public statement"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A case with all that belongs to it; `line` is where it stands in the file."""

    line: int
    case: Case
    people: tuple[Person, ...] = ()
    forms: tuple[NameForm, ...] = ()
    events: tuple[Event, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFile:
    cases: tuple[Parsed, ...] = ()
    asks: tuple[Ask, ...] = ()
    addressees: tuple[Addressee, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def parse(root: Node, known: Mapping[str, Country], new_id: Callable[[], str]) -> CaseFile:
    """Everything that the file says, and every line that it may not say; a case with a refused line is left out."""
    return _File(known, new_id).read(root)


@dataclass(slots=True)
class _File:
    known: Mapping[str, Country]
    new_id: Callable[[], str]
    reader: Reader = field(default_factory=Reader)
    told: Told = field(default_factory=Told)
    asks: list[Ask] = field(default_factory=list)
    addressees: list[Addressee] = field(default_factory=list)
    public: bool = False
    fictional: bool = False
    agreed_by: str = ""
    agreed_on: date | None = None

    def read(self, root: Node) -> CaseFile:
        part = self.reader.part(root, "a case file", FILE)
        self._heading(part)
        for item in part.items("countries"):
            self._country(item, "countries")
        cases: dict[str, Parsed] = {}
        for item in part.items("cases"):
            before = len(self.reader.refusals), len(self.asks), len(self.addressees)
            parsed = self._case(item)
            first = cases.get(parsed.case.code)
            if first and parsed.case.code:
                self.reader.refuse(item.line, f"code: {parsed.case.code} stands here twice, first in line {first.line}")
            if len(self.reader.refusals) > before[0]:
                del self.asks[before[1] :], self.addressees[before[2] :]
            else:
                cases[parsed.case.code] = parsed
        self._asks(part)
        self.addressees += [self._addressee(item, "") for item in part.items("addressees")]
        if not part.items("cases") and not self.asks and not self.addressees and not self.reader.refusals:
            self.reader.refuse(root.line, "the file has no cases")
        return CaseFile(
            tuple(cases.values()), tuple(self.asks), tuple(self.addressees), tuple(sorted(self.reader.refusals))
        )

    def _heading(self, part: Part) -> None:
        """Where it all comes from, and whether it is public already."""
        title = ""
        if node := part.node("document"):
            document = self.reader.part(node, "a document", ("title", "issued_by", "addressed_to", "occasion"))
            title = document.text("title")
        source = part.text("source") or title
        self.told = Told(source, "statement" if part.node("document") else source)
        self.public, self.fictional = part.flag("public"), part.flag("fictional")
        self.agreed_by, self.agreed_on = part.text("agreed_by"), part.day("agreed_on")
        if self.public and not source:
            self.reader.refuse(part.line_of("public"), "public: a public file needs its “source”")

    def _country(self, node: Node, name: str) -> Country | None:
        try:
            return country(self.reader.scalar(node, name), self.known)
        except Invalid as refusal:
            self.reader.refuse(node.line, f"{name}: {str(refusal).rstrip('.')}")
            return None

    def _case(self, node: Node) -> Parsed:
        part = self.reader.part(node, "a case", CASE)
        place = part.node("country")
        found = self._country(place, "country") if place else None
        if place is None:
            part.needed("country")
        zone = found.zone if found else "UTC"
        told = replace(self.told, source=part.text("source")) if part.node("source") else self.told
        case = self._answered(part, Case(
            self.new_id(), casedetails.code(part), found.code if found else "", topics=casedetails.topics(part),
            court=casedetails.court(part), detention=casedetails.detention(part, told), charge=part.text("charge"),
            proceeding=casedetails.proceeding(part),
            others=part.text("others"), linked=part.words("linked"), source=told.source,
            fictional=part.flag("fictional", self.fictional), notes=part.text("notes"),
        ))  # fmt: skip
        people, forms = self._people(part, case)
        pairs = [
            caseevents.happening(self.reader, item, case.id, n, self.new_id(), self.new_id(), zone, told)
            for n, item in enumerate(part.items("events"))
        ]
        facts = [
            caseevents.fact(self.reader, item, case.id, len(pairs) + n, self.new_id(), zone, told)
            for n, item in enumerate(part.items("facts"))
        ]
        self.asks += [
            self._ask(item, case.country, n, told, case.id) for n, item in enumerate(part.items("asks"))
        ]  # fmt: skip
        written_to = [self._addressee(item, case.country) for item in part.items("addressees")]
        self.addressees += [replace(addressee, case_id=case.id) for addressee in written_to]
        happened, said = [event for event, _ in pairs], [claim for _, claim in pairs]
        return Parsed(part.line, case, tuple(people), tuple(forms), tuple(happened), tuple(said + facts))

    def _answered(self, part: Part, case: Case) -> Case:
        """What may be said, who agreed to it, and what is wanted."""
        answer = part.word_or_none("answer", Answer)
        agreed_by = part.text("agreed_by") or self.agreed_by
        if answer and not agreed_by and not self.public:
            self.reader.refuse(part.line_of("answer"), "answer: needs “agreed_by”: who agreed to it")
        if self.public and answer is None:
            answer, agreed_by = Answer.EVERYONE, agreed_by or PUBLIC
        case = replace(case, answer=answer, agreed_by=agreed_by, agreed_on=part.day("agreed_on") or self.agreed_on)
        if node := part.node("wanted"):
            wanted = self.reader.part(node, "wanted", ("publicity", "missions", "visits"))
            publicity, missions, visits = (
                wanted.word(key, Wish, Wish.ASK) for key in ("publicity", "missions", "visits")
            )
            return replace(case, publicity=publicity, missions=missions, visits=visits)
        return case

    def _people(self, part: Part, case: Case) -> tuple[list[Person], list[NameForm]]:
        people, forms = [], []
        for n, item in enumerate(part.items("people")):
            one = self.reader.part(item, "a person", PERSON)
            region = f"{one.text('region')} region" if one.node("region") else ""
            post = ", ".join(filter(None, (one.text("position"), one.text("work"), region)))
            person = Person(
                self.new_id(), case.id, n, one.needed("name"), one.text("role", "defender"), one.text("organisation"),
                post, one.text("status"), one.flag("sensitive"),
            )  # fmt: skip
            people.append(person)
            forms += self._forms(one, person)
        return people, forms

    def _forms(self, part: Part, person: Person) -> list[NameForm]:
        """The name and the spellings that the file gives; “two sons” in small letters describes, and names nobody."""
        found = {} if person.name.islower() else {person.name: ""}
        for item in part.items("forms"):
            if isinstance(item.value, str):
                found.setdefault(self.reader.scalar(item, "forms"), "")
                continue
            form = self.reader.part(item, "a name form", ("form", "language"))
            found[form.needed("form")] = form.text("language").lower()
        return [NameForm(self.new_id(), person.id, form, language) for form, language in found.items() if form]

    def _asks(self, part: Part) -> None:
        """What is asked of each body: a country by its letters, or an organisation by its name."""
        node = part.node("asks")
        if node is None:
            return
        if not isinstance(node.value, dict):
            self.reader.refuse(node.line, f"asks: is a mapping of bodies to lists, not {node.kind}")
            return
        for body, wanted in node.value.items():
            if len(body) == 2:
                self._country(Node(body, wanted.line), "asks")
            items = self.reader.items(wanted, body)
            self.asks += [self._ask(item, body, n, self.told) for n, item in enumerate(items)]

    def _by_language(self, node: Node) -> dict[str, str]:
        languages = tuple(node.value) if isinstance(node.value, dict) else ()
        part = self.reader.part(node, "salutations", [str(language) for language in languages])
        return {language.lower(): part.text(language) for language in part.values}

    def _ask(self, node: Node, body: str, position: int, told: Told, case_id: str | None = None) -> Ask:
        if isinstance(node.value, str):
            return Ask(self.new_id(), body, self.reader.scalar(node, "asks"), position, case_id, source=told.source)
        part = self.reader.part(node, "an ask", ("text", "needs", "body"))
        needs = part.text("needs")
        if needs not in ("", "publicity", "missions", "visits"):
            self.reader.refuse(part.line_of("needs"), f"needs: “{needs}” is none of publicity, missions, visits")
        return Ask(self.new_id(), part.text("body", body), part.needed("text"), position, case_id, needs, told.source)

    def _addressee(self, node: Node, default: str) -> Addressee:
        part = self.reader.part(node, "an addressee", ADDRESSEE)
        place = part.node("country")
        found = self._country(place, "country") if place else None
        if place is None and not default:
            part.needed("country")
        spoken = part.node("salutations")
        words = self._by_language(spoken) if spoken else None
        return Addressee(
            self.new_id(), found.code if found else default, part.needed("office"), part.text("holder"),
            part.text("address"), words, part.flag("copy"), part.day("checked_on"), part.day("valid_until"),
        )  # fmt: skip
