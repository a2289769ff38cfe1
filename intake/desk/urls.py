"""The addresses of the desk. None of them ever holds anything personal."""

from django.urls import path

from intake.desk import (
    audit_view,
    callers_words,
    calls,
    export,
    find,
    find_name,
    hours,
    lists,
    measures,
    merging,
    noting,
    sheets,
    supervise,
    unsent,
)

app_name = "desk"

urlpatterns = [
    path("", lists.list_requests, name="list"),
    path("day/", lists.day, name="day"),
    path("next/", lists.next_call, name="next"),
    path("find/", find.find, name="find"),
    path("find/name/", find_name.find_name, name="find-name"),
    path("<int:pk>/", sheets.show, name="sheet"),
    path("<int:pk>/reveal/", sheets.reveal, name="reveal"),
    path("<int:pk>/claim/", calls.claim, name="claim"),
    path("<int:pk>/renew/", calls.renew, name="renew"),
    path("<int:pk>/leave/", calls.leave, name="leave"),
    path("<int:pk>/release/", calls.release, name="release"),
    path("<int:pk>/attempt/", calls.attempt, name="attempt"),
    path("<int:pk>/undo/", calls.undo, name="undo"),
    path("<int:pk>/unreachable/", calls.unreachable, name="unreachable"),
    path("<int:pk>/consent/", calls.consent, name="consent"),
    path("<int:pk>/assign/", supervise.assign, name="assign"),
    path("<int:pk>/free/", supervise.free, name="free"),
    path("<int:pk>/merge/", merging.merge, name="merge"),
    path("<int:pk>/unmerge/", merging.unmerge, name="unmerge"),
    path("<int:pk>/reopen/", supervise.reopen, name="reopen"),
    path("numbers/", measures.measures, name="measures"),
    path("numbers/requests.csv", export.export, name="export"),
    path("team/", supervise.team, name="team"),
    path("held/", supervise.held, name="held"),
    path("hours/", hours.hours, name="hours"),
    path("hours/<int:pk>/remove/", hours.drop_hours, name="drop-hours"),
    path("closures/<int:pk>/remove/", hours.drop_closure, name="drop-closure"),
    path("phrases/", noting.phrases, name="phrases"),
    path("phrases/<int:pk>/remove/", noting.drop_phrase, name="drop-phrase"),
    path("phrases/<int:pk>/up/", noting.raise_phrase, name="raise-phrase"),
    path("wording/", callers_words.wording, name="wording"),
    path("unsent/", unsent.unsent, name="unsent"),
    path("unsent/<int:pk>/again/", unsent.send_again, name="send-again"),
    path("record/", audit_view.audit_log, name="audit"),
]
