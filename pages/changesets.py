"""A change set: which rows a release changes, from what to what. Pure functions.

Unlike a release's content, a change set can be laid onto another content than the one
it was made on. A row that differs from what the change expects is a clash: nobody's
work is overwritten unseen.
"""

from __future__ import annotations

import hashlib
import json

from pages.releases import Change, Content, Fields, diff, in_todays_shape, prune

# By key: the row before and after, None where there is no row. Lists, because that is
# what comes back from JSON.
ChangeSet = dict[str, list[Fields | None]]


def changes_between(before: Content, after: Content) -> ChangeSet:
    """What turns ``before`` into ``after``."""
    return {
        change.key: [before.get(change.key), after.get(change.key)]
        for change in diff(before, after)
    }


def lay_onto(content: Content, changes: ChangeSet) -> tuple[Content, list[str]]:
    """``content`` with the changes made, and the keys of the rows that clash.

    A row that already says what the change wants is no clash. A change that would take
    along a row it does not name (by removing the parent of one added since) is.
    """
    changes = in_shape(changes)
    result = dict(content)
    clashes = set()
    for key, (before, after) in changes.items():
        if content.get(key) not in (before, after):
            clashes.add(key)
        elif after is None:
            result.pop(key, None)
        else:
            result[key] = after
    result = prune(result)
    clashes |= {key for key, (_, after) in changes.items() if result.get(key) != after}
    clashes |= {key for key in content if key not in changes and result.get(key) != content[key]}
    return result, sorted(clashes)


def inverse_of(changes: ChangeSet) -> ChangeSet:
    """The changes that undo these."""
    return {key: [after, before] for key, (before, after) in changes.items()}


def in_shape(changes: ChangeSet) -> ChangeSet:
    """The changes of an older release with the columns of today's models."""
    befores = in_todays_shape({key: old for key, (old, _) in changes.items() if old is not None})
    afters = in_todays_shape({key: new for key, (_, new) in changes.items() if new is not None})
    return {key: [befores.get(key), afters.get(key)] for key in changes}


def sides_of(changes: ChangeSet) -> tuple[Content, Content]:
    """The changed rows as they were, and as they become."""
    changes = in_shape(changes)
    before = {key: old for key, (old, _) in changes.items() if old is not None}
    after = {key: new for key, (_, new) in changes.items() if new is not None}
    return before, after


def listed(changes: ChangeSet) -> list[Change]:
    """The changes row by row and field by field, in the order of the models."""
    return diff(*sides_of(changes))


def fingerprint(value: object) -> str:
    """Short and the same for the same value: whether somebody decides on what they saw."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
