"""test_stix.py - bundles against the JSON schemas of STIX 2.1, and the rules that schemas cannot say."""
import copy
import json
import os
import pathlib
import re
import subprocess

import jsonschema
import pytest

from conftest import COMMAND, real

BUNDLES = ["bundle.json", "bundle-office.json", "bundle-public.json", "bundle-empty.json"]


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """What the writer's own test leaves behind: hand-made results with every nasty string."""
    test = pathlib.Path(COMMAND).parent / "tests" / "dossier_stix_test"
    out = tmp_path_factory.mktemp("stix")
    subprocess.run([test], check=True, capture_output=True,
                   env={**os.environ, "LOCKSTEP_TEST_OUT": str(out)})
    return {name: json.loads((out / name).read_bytes()) for name in BUNDLES}


@pytest.fixture(scope="module")
def schemas():
    """A validator for each type of object."""
    folder = real("vectors/stix/schemas")
    documents = {path: json.loads(path.read_text()) for path in folder.rglob("*.json")}
    store = {schema["$id"]: schema for schema in documents.values()}
    kind = jsonschema.Draft202012Validator

    def validator(schema):  # the resolver finds all in the store: nothing is asked of the network
        return kind(schema, resolver=jsonschema.RefResolver(schema["$id"], schema, store=store))

    return {path.stem: validator(schema) for path, schema in documents.items()}


def errors_of(schemas, bundle):
    found = [f"bundle: {e.message[:200]}" for e in schemas["bundle"].iter_errors({**bundle, "objects": []})
             if "objects" not in e.path]
    for thing in bundle["objects"]:
        found += [f"{thing['id']}: {e.message[:200]}" for e in schemas[thing["type"]].iter_errors(thing)]
    return found


@pytest.mark.parametrize("name", BUNDLES)
def test_valid_by_the_schemas(bundles, schemas, name):
    assert errors_of(schemas, bundles[name]) == []


def test_the_schemas_refuse(bundles, schemas):
    """A schema that takes anything would prove nothing."""
    def damaged(change):
        bundle = copy.deepcopy(bundles["bundle.json"])
        change({thing["type"]: thing for thing in bundle["objects"]})
        return errors_of(schemas, bundle) == []

    assert damaged(lambda things: None)
    assert not damaged(lambda things: things["grouping"].pop("context"))
    assert not damaged(lambda things: things["grouping"].update(confidence=101))
    assert not damaged(lambda things: things["grouping"].update(created="yesterday"))
    assert not damaged(lambda things: things["observed-data"].update(number_observed=0))
    assert not damaged(lambda things: things["opinion"].update(opinion="perhaps"))
    assert not damaged(lambda things: things["user-account"].update(id="user-account--1"))
    assert not damaged(lambda things: things["relationship"].pop("target_ref"))
    assert not damaged(lambda things: things["attack-pattern"].update(name=None))


def test_the_sample_passes(schemas):
    """The schemas are read as they are meant: a bundle known to be good has no errors."""
    bundle = json.loads(real("vectors/stix/samples/case_bundle.json").read_text())
    bundle["objects"] = [thing for thing in bundle["objects"] if thing["type"] in schemas]
    assert errors_of(schemas, bundle) == []


@pytest.mark.parametrize("name", BUNDLES)
def test_references_are_inside(bundles, name):
    objects = bundles[name]["objects"]
    ids = [thing["id"] for thing in objects]
    assert len(ids) == len(set(ids))
    for thing in objects:
        refs = [thing[key] for key in ("created_by_ref", "source_ref", "target_ref") if key in thing]
        refs += thing.get("object_refs", []) + thing.get("object_marking_refs", [])
        assert set(refs) <= set(ids), thing["id"]
        for key in thing.get("extensions", {}):
            assert key in ids


@pytest.mark.parametrize("name", BUNDLES)
def test_synthetic_is_said_everywhere(bundles, name):
    objects = bundles[name]["objects"]
    marks = [thing["id"] for thing in objects if thing.get("name") == "Synthetic data"]
    if name == "bundle-empty.json":
        assert marks == []
        return
    for thing in objects:
        if thing["type"] not in ("identity", "marking-definition"):
            assert marks[0] in thing["object_marking_refs"], thing["id"]


@pytest.mark.parametrize("name", BUNDLES)
def test_times_are_in_order(bundles, name):
    for thing in bundles[name]["objects"]:
        if thing["type"] == "observed-data":
            assert thing["first_observed"] <= thing["last_observed"]


def test_techniques_are_disarm(bundles):
    """Each technique has DISARM's id and name, by its own table; no other relation is claimed."""
    known = {}
    for line in real("vectors/disarm/techniques.csv").read_text().splitlines():
        found = re.match(r'(T\d{4}(?:\.\d{3})?),("[^"]*"|[^,]*),', line)
        if found:
            known[found[1]] = found[2].strip('"')
    seen = 0
    for thing in bundles["bundle.json"]["objects"]:
        if thing["type"] == "attack-pattern":
            reference = thing["external_references"][0]
            assert reference["source_name"] == "DISARM"
            assert known[reference["external_id"]] == thing["name"]
            assert thing["kill_chain_phases"][0]["kill_chain_name"] == "disarm"
            seen += 1
        if thing["type"] == "relationship":
            assert thing["relationship_type"] == "related-to"
    assert seen > 0


def test_opinions_turn_with_the_verdict(bundles):
    """What speaks for an innocent explanation disagrees with the finding."""
    turned = {"speaks for": "disagree", "speaks against": "agree", "open": "neutral",
              "leaves": "neutral"}
    opinions = [thing for thing in bundles["bundle.json"]["objects"] if thing["type"] == "opinion"]
    assert opinions
    for thing in opinions:
        verdict = re.search(r"what was measured (speaks for|speaks against|leaves)", thing["explanation"])
        assert thing["opinion"] == turned[verdict[1]]
