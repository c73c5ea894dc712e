"""Whatever dies, and whenever: nothing acknowledged is lost."""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "crashes.training-kills",
        "A training that is killed at any moment, and resumed as often as it takes, loses no epoch "
        "that it told of and no best model, leaves no process behind, and ends with the same bits.",
        "crashes.training_kills:training_kills",
        short=50,
        long=1_000,
        unit="kills",
        wide=True,
    ),
    Claim(
        "crashes.search-kills",
        "A search of which the coordinator or any worker is killed at any moment loses no trial, "
        "repeats none that it told of, leaves no process behind, and ends with the same tables and "
        "the same network.",
        "crashes.search_kills:search_kills",
        short=25,
        long=500,
        unit="kills",
        wide=True,
    ),
    Claim(
        "crashes.calls",
        "Whichever system call of whichever writer fails, is cut short or is its process's last: "
        "files are the old or the new ones, nothing acknowledged is lost, the message is clear, "
        "and another try ends as though nothing had happened.",
        "crashes.calls:calls",
        short=250,
        long=5_900,
        unit="faults",
    ),
    Claim(
        "crashes.cuts",
        "The log of a study, a comparison or a run that is cut at any byte keeps every whole "
        "record before the cut, and goes on to the same end without a training twice.",
        "crashes.cuts:cuts",
        short=400,
        long=29_000,
        unit="cuts",
    ),
)
