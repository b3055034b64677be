"""Decide who is who among the claims of all files, with the stored people for what could not be read. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connectors.csv.cells import fold
from connectors.csv.claims import CONTACT_ROLES, FileClaims, PersonClaim
from connectors.csv.namesakes import alike
from connectors.csv.origins import Origins, join, parts
from sync.records import Person


@dataclass(slots=True)
class _Draft:
    id: str
    name: str
    email: str
    discord: str
    suspended: bool
    files: list[str]
    base: bool = False
    source: str = ""


@dataclass(slots=True)
class _Index:
    """Ways to find a person other than by id."""

    emails: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def learn(self, identity: str, email: str, name: str) -> None:
        if email:
            self.emails[email].add(identity)
        if name:
            self.names[fold(name)].add(identity)


class People:
    """The people of a pull under construction."""

    def __init__(self, stored: Iterable[Person], origins: Origins, *, strict: bool) -> None:
        self._stored = {person.id: person for person in stored}
        self._past = _Index()
        self._now = _Index()
        self._drafts: dict[str, _Draft] = {}
        self._names_seen: dict[str, int] = defaultdict(int)
        self._ids: dict[tuple[str, str, str], str] = {}
        self._strict = strict
        self._aliases: dict[str, str] = {}
        self._contacts: set[str] = set()
        self._gone: set[str] = set()
        for person in self._stored.values():
            self._past.learn(person.id, person.email, person.name)
            if files := origins.carries(person.origin):
                self._carry(person, files)

    def add_all(self, files: Iterable[FileClaims]) -> None:
        """Take the claims of all files: those with an id first, then those with an e-mail, then names alone."""
        files = list(files)
        self._contacts = _contacts(files)
        for out in files:
            self._aliases.update(out.notes.aliases)
            self._aliases.update({rename.old: rename.new for rename in out.renames})
            self._aliases.update({claim.alias: claim.id for claim in out.people if claim.alias and claim.id})
        for out in files:
            for rename in out.renames:
                self._rename(rename.old, rename.new, out)
            for claim in out.people:
                if claim.id and claim.id not in self._contacts:
                    self._with_id(claim, out)
        unnumbered = [(claim, out) for out in files for claim in out.people if not claim.id]
        for claim, out in unnumbered:
            if claim.email:
                self._with_email(claim, out)
        self._add_names([(claim, out) for claim, out in unnumbered if not claim.email])

    def _add_names(self, alone: Sequence[tuple[PersonClaim, FileClaims]]) -> None:
        for claim, _ in alone:
            self._names_seen[fold(claim.known_as)] += 1
        for claim, out in alone:
            self._with_name(claim, out)

    def identify(self, claim: PersonClaim) -> str:
        """Return the id that a claim was given, empty when it was refused."""
        return self._ids.get(_triple(claim), "")

    def resolve(self, reference: str, out: FileClaims, line: int) -> str:
        """Find whom an id, an e-mail or a name refers to; an unknown one is made where no file lists the people."""
        reference = self._aliases.get(reference, reference)
        if reference in self._drafts:
            return reference
        for index in (self._now.emails, self._now.names) if not out.kind.exact else ():
            found = self._present(index.get(fold(reference), ()))
            if len(found) == 1:
                return found[0]
            if found:
                code = "shared-email" if index is self._now.emails else "ambiguous-person"
                out.complain(code, line, "person", reference)
                return ""
        if self._strict or out.kind.exact:
            out.complain("unknown-person", line, "person", reference)
            return ""
        return self._stub(reference, out)

    def protect(self, reference: str) -> set[str]:
        """Return the ids a refused row may mean, and keep their stored records as they are."""
        folded = fold(reference)
        ids = {reference} & (self._drafts.keys() | self._stored.keys())
        for index in (self._now, self._past):
            ids |= index.emails.get(folded, set()) | index.names.get(folded, set())
        ids -= self._gone
        for identity in ids & self._stored.keys():
            if identity not in self._drafts:
                self._carry(self._stored[identity], parts(self._stored[identity].origin))
        return ids

    def records(self) -> tuple[Person, ...]:
        """Return the finished people."""
        return tuple(
            Person(draft.id, draft.name, draft.email, draft.discord, draft.suspended, join(draft.files))
            for draft in self._drafts.values()
        )

    def mentions(self, identity: str) -> bool:
        """Tell whether a person is there or was left out on purpose."""
        return identity in self._drafts or identity in self._contacts or self.departed(identity)

    def departed(self, reference: str) -> bool:
        """Tell whether a row says that this person is gone: what other rows say about them needs no word."""
        return self._aliases.get(reference, reference) in self._gone

    def holds(self, identity: str) -> bool:
        """Tell whether a person is there."""
        return identity in self._drafts

    def _carry(self, person: Person, files: list[str]) -> None:
        self._drafts[person.id] = _Draft(
            person.id, person.name, person.email, person.discord, person.suspended, list(files), base=True
        )
        self._now.learn(person.id, person.email, person.name)

    def _present(self, ids: Iterable[str]) -> list[str]:
        return sorted(identity for identity in ids if identity in self._drafts)

    def _with_id(self, claim: PersonClaim, out: FileClaims) -> None:
        identity = self._aliases.get(claim.id, claim.id)
        if claim.gone:
            self._drafts.pop(identity, None)
            self._gone.add(identity)
        else:
            self._gone.discard(identity)
            self._enter(identity, claim, out)

    def _with_email(self, claim: PersonClaim, out: FileClaims) -> None:
        found = self._present(self._now.emails.get(claim.email, ()))
        strangers = [name for name in map(self._claimed_name, found) if name and not alike(name, claim.name)]
        if len(found) > 1 or strangers:
            out.complain("shared-email", claim.line, "email", claim.email)
            out.protected_people.add(claim.email)
            return
        past = self._past.emails.get(claim.email, set())
        identity = found[0] if found else next(iter(past)) if len(past) == 1 else claim.email
        self._enter(identity, claim, out)

    def _claimed_name(self, identity: str) -> str:
        """Return the name that a file of this pull gives a person; an older one may have been changed since."""
        draft = self._drafts[identity]
        return "" if draft.base else draft.name

    def _with_name(self, claim: PersonClaim, out: FileClaims) -> None:
        folded = fold(claim.known_as)
        found = self._present(self._now.names.get(folded, ()))
        others = [identity for identity in found if identity != folded]
        if self._names_seen[folded] > 1 and not claim.declared and len(others) == 1 and self._is_declared(others[0]):
            self._enter(others[0], claim, out)
        elif self._names_seen[folded] > 1 or len(others) > 1 or (others and not self._is_declared(others[0])):
            out.complain("ambiguous-person", claim.line, "name", claim.name)
            out.protected_people.add(folded)
            out.protected_courses.update(filter(None, (claim.course,)))
            out.refused.add(claim.line)
        else:
            self._enter(others[0] if others else folded, claim, out)

    def _is_declared(self, identity: str) -> bool:
        return self._drafts[identity].source == "people"

    def _enter(self, identity: str, claim: PersonClaim, out: FileClaims) -> None:
        self._ids[_triple(claim)] = identity
        draft = self._drafts.get(identity)
        if draft is None or draft.base:
            self._claim(identity, claim, out, draft)
        else:
            self._merge(draft, claim, out)

    def _claim(self, identity: str, claim: PersonClaim, out: FileClaims, base: _Draft | None) -> None:
        """Make a claim the draft. A bad cell, and an empty one where only changes are told, keeps its last value."""
        past = self._stored.get(identity)
        kept = base if base is not None and out.upsert else None
        email, discord, name = claim.email, claim.discord, claim.name
        if past is not None:
            email = past.email if "email" in claim.unread else email
            discord = past.discord if "discord" in claim.unread else discord
        if kept is not None:
            email, discord, name = email or kept.email, discord or kept.discord, name or kept.name
        files = [*(base.files if base is not None else ()), out.file]
        source = "people" if claim.declared else ""
        self._drafts[identity] = _Draft(identity, name, email, discord, claim.suspended, files, source=source)
        self._now.learn(identity, email, name)

    def _merge(self, draft: _Draft, claim: PersonClaim, out: FileClaims) -> None:
        if out.file not in draft.files:
            draft.files.append(out.file)
        if out.upsert:
            draft.name = claim.name or draft.name
            draft.email = claim.email or draft.email
            draft.discord = claim.discord or draft.discord
            draft.suspended = claim.suspended
        else:
            self._complete(draft, claim, out)
        self._now.learn(draft.id, draft.email, draft.name)

    def _complete(self, draft: _Draft, claim: PersonClaim, out: FileClaims) -> None:
        if draft.name and claim.name and fold(draft.name) != fold(claim.name) and claim.declared <= bool(draft.source):
            code = "duplicate-id" if claim.declared and claim.id else "different-names"
            out.complain(code, claim.line, "id" if code == "duplicate-id" else "name", claim.id or claim.name)
            return
        draft.name = draft.name or claim.name
        draft.email = draft.email or claim.email
        draft.discord = draft.discord or claim.discord
        draft.suspended = draft.suspended or claim.suspended
        draft.source = draft.source or ("people" if claim.declared else "")

    def _stub(self, reference: str, out: FileClaims) -> str:
        """Make a person of a bare reference; what is known of them from before stays known."""
        folded = fold(reference)
        is_email = "@" in reference
        past = {reference} & self._stored.keys() or self._past.emails.get(folded, set())
        identity = next(iter(past)) if len(past) == 1 else folded if is_email else reference
        known = self._stored.get(identity, Person(identity, "", folded if is_email else ""))
        self._drafts[identity] = _Draft(
            identity, known.name, known.email, known.discord, known.suspended, [out.file], source="stub"
        )
        self._now.learn(identity, known.email, known.name)
        return identity

    def _rename(self, old: str, new: str, out: FileClaims) -> None:
        draft = self._drafts.pop(old, None)
        if draft is not None and new not in self._drafts:
            draft.id, draft.base = new, True
            draft.files = [*draft.files, out.file]
            self._drafts[new] = draft
            self._now.learn(new, draft.email, draft.name)


def _contacts(files: Iterable[FileClaims]) -> set[str]:
    """Return the people who are nothing in the school but somebody's parent: their data is not ours to keep."""
    roles: dict[str, set[str]] = defaultdict(set)
    for out in files:
        for person, found in out.notes.school_roles.items():
            roles[person] |= found
    return {person for person, found in roles.items() if found <= CONTACT_ROLES}


def _triple(claim: PersonClaim) -> tuple[str, str, str]:
    """Return what tells claims apart: rows without id and e-mail each stand for themselves."""
    if claim.id:
        return claim.id, "", ""
    return "", claim.email, claim.name if claim.email else f"{claim.line}/{claim.name}"
