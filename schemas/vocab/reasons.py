"""Reason codes of membership and of moderation."""

from schemas.marks import N_
from schemas.vocab.entry import OTHER, Entry, Vocabulary

MEMBERSHIP_REASONS = Vocabulary(
    "membership-reasons",
    Entry("applied", N_("Applied"), N_("The school asked to join.")),
    Entry("checks-passed", N_("Checks passed"), N_("Every check of the application was in order.")),
    Entry("renewed", N_("Renewed"), N_("The membership was prolonged.")),
    Entry("reinstated", N_("Reinstated"), N_("What had led to the suspension is settled.")),
    Entry("renewal-declined", N_("Not renewed"), N_("The coordinators did not prolong it: it ends with its term.")),
    Entry("decision-reversed", N_("Decision taken back"), N_("A decision that was not the coordinators' is undone.")),
    Entry("appeal-declined", N_("Appeal declined"), N_("The coordinators looked at the appeal; the end stands.")),
    Entry("appeal-granted", N_("Appeal granted"), N_("The school may apply again after an appeal.")),
    Entry("not-eligible", N_("Not eligible"), N_("The network's charter does not cover this applicant.")),
    Entry("identity-unconfirmed", N_("Identity not confirmed"), N_("Nobody at the school confirmed the application.")),
    Entry("keys-unconfirmed", N_("Keys not confirmed"), N_("The host does not serve the keys of the application.")),
    Entry("policy-not-accepted", N_("Policy not accepted"), N_("The current policy or charter was not accepted.")),
    Entry("duplicate", N_("Duplicate"), N_("The school is a member or has applied already.")),
    Entry("own-request", N_("Own request"), N_("The school asked for it.")),
    Entry("term-ended", N_("Term ended"), N_("The membership ran out and was not renewed.")),
    Entry("inactive", N_("Inactive"), N_("The node has not been seen for a long time.")),
    Entry("key-compromised", N_("Key compromised"), N_("A key of the school may be in other hands.")),
    Entry(
        "protocol-violation", N_("Protocol violation"), N_("The node broke the protocol in a way that can be shown.")
    ),
    Entry("privacy-breach", N_("Privacy breach"), N_("What should have been erased or kept private was not.")),
    Entry("conduct", N_("Conduct"), N_("The charter's rules of conduct were broken.")),
    Entry(OTHER, N_("Other"), N_("None of these; the note says what.")),
)

MODERATION_REASONS = Vocabulary(
    "moderation-reasons",
    Entry("identifies-someone", N_("Identifies someone"), N_("A person or a school could be recognized.")),
    Entry("wrong-data", N_("Wrong data"), N_("Numbers contradict each other or cannot be.")),
    Entry("off-topic", N_("Off topic"), N_("It is not what the network is for.")),
    Entry("harmful", N_("Harmful"), N_("Doing it, or reading it, could hurt somebody.")),
    Entry("duplicate", N_("Duplicate"), N_("The same is here already.")),
    Entry("rule-broken", N_("Rule broken"), N_("It breaks a rule of the federation or a policy of the network.")),
    Entry("legal-order", N_("Legal order"), N_("A law or a court demands it.")),
    Entry("author-request", N_("Author's request"), N_("The author asked and could not retract.")),
    Entry(OTHER, N_("Other"), N_("None of these.")),
)
