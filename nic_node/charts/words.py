"""What pooled results say together, in words; numbers as words."""

from gettext import NullTranslations

from federation.effects import NO_CLEAR_CHANGE
from nic_node.evidence.effects import share_after
from nic_node.evidence.pool_many import Together
from nic_node.evidence.pooling import Interval
from nic_node.evidence.practice_pool import PracticePool
from nic_node.evidence.sentence import ENGLISH, Sentence
from nic_node.i18n import N_

NUMBERS = (
    N_("zero"), N_("one"), N_("two"), N_("three"), N_("four"), N_("five"), N_("six"), N_("seven"), N_("eight"),
    N_("nine"), N_("ten"), N_("eleven"), N_("twelve"), N_("thirteen"), N_("fourteen"), N_("fifteen"), N_("sixteen"),
    N_("seventeen"), N_("eighteen"), N_("nineteen"), N_("twenty"),
)  # fmt: skip

# How far a school may move, as words: the upper end of each in d.
MOVES = (
    (-0.5, N_("much worse")),
    (-0.2, N_("worse")),
    (-0.05, N_("a little worse")),
    (0.05, N_("no change")),
    (0.2, N_("a little better")),
    (0.5, N_("better")),
)
FARTHEST_MOVE = N_("much better")


def pool_says(pool: PracticePool, catalogue: NullTranslations = ENGLISH) -> str:
    """What the results say together, in students and in where the next school may land; else why nothing."""
    if pool.pooled is None:
        return pool.why_none.said(catalogue) if pool.why_none else ""
    told = pooled_says(pool.pooled, pool, catalogue)
    prediction = pool.pooled.pi
    if prediction is None:
        return told
    low, high = (Sentence(move_words(end)) for end in prediction)
    if low == high:
        further = Sentence(N_("The next school: {low}."), {"low": low})
    else:
        further = Sentence(N_("The next school: {low} to {high}."), {"low": low, "high": high})
    return f"{told} {further.said(catalogue)}"


def pooled_says(pooled: Together, pool: PracticePool, catalogue: NullTranslations = ENGLISH) -> str:
    """In students: 'Of 100 such students about 38 become 27.'; or that it is too uncertain, or no clear change."""
    interval = pooled.ci
    if interval[0] <= 0 <= interval[1]:
        return catalogue.gettext(_unclear(interval))
    if pool.baseline is None or pool.outcome.unit != "proportion":
        return catalogue.gettext(N_("It got better.") if pooled.estimate > 0 else N_("It got worse."))
    after = share_after(pool.baseline, pooled.estimate, pool.outcome.better)
    shares = {"before": round(100 * pool.baseline), "after": round(100 * after)}
    return Sentence(N_("Of 100 such students about {before} become {after}."), shares).said(catalogue)


def number_word(number: int) -> object:
    """A number as a word up to twenty, else in digits."""
    return Sentence(NUMBERS[number]) if 0 <= number < len(NUMBERS) else number


def _unclear(interval: Interval) -> str:
    known_small = interval[0] >= -NO_CLEAR_CHANGE and interval[1] <= NO_CLEAR_CHANGE
    return N_("No clear change.") if known_small else N_("Too uncertain to say.")


def move_words(d: float) -> str:
    """An effect as a word, to be translated: 'a little better'."""
    return next((words for end, words in MOVES if d < end), FARTHEST_MOVE)
