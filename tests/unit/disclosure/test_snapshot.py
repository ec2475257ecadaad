import json

import pytest

from nic_node.disclosure.snapshot import Count, Events, Mean, load_snapshot, snapshot_document, snapshot_sha256
from tests.unit.disclosure.projects import absence, means, project, rates, replication, sessions

FULL = project(
    absence(scale=(0.0, 1.0), part_of="school", whole_n=400),
    absence(points=(means("baseline", 50.0),), comparison=(rates("end", 3, 4),)),
    sessions(),
)


@pytest.mark.parametrize("snapshot", [project(), FULL, replication()])
def test_a_snapshot_survives_the_row_it_is_frozen_in(snapshot):
    frozen = json.loads(json.dumps(snapshot_document(snapshot)))
    assert load_snapshot(frozen) == snapshot
    assert snapshot_sha256(load_snapshot(frozen)) == snapshot_sha256(snapshot)


def test_periods_are_told_apart_by_their_fields():
    loaded = load_snapshot(snapshot_document(FULL))
    kinds = [type(point.periods[0]) for measure in loaded.measures for point in (*measure.points, *measure.comparison)]
    assert kinds == [Count, Count, Count, Mean, Events, Events]


def test_two_that_differ_hash_differently():
    assert snapshot_sha256(project()) != snapshot_sha256(project(absence(n=62)))


def test_nothing_unknown_is_taken_in():
    document = snapshot_document(project())
    with pytest.raises(TypeError, match="no field 'school'"):
        load_snapshot(document | {"school": "Harbor View"})
    document["problem"]["author"] = "Ana"
    with pytest.raises(TypeError, match="no field 'author'"):
        load_snapshot(document)
