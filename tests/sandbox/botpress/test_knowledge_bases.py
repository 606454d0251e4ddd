"""Knowledge bases."""

from __future__ import annotations

from tests.sandbox.botpress.caller import Caller

PATH = "/v1/files/knowledge-bases"


def test_a_knowledge_base_is_made_changed_found_by_its_tags_and_deleted(api: Caller) -> None:
    made = api.post(PATH, name="Manuals", tags={"team": "support", "old": "yes"})["knowledgeBase"]
    changed = api.put(f"{PATH}/{made['id']}", name="Guides", tags={"team": "sales", "old": None})["knowledgeBase"]
    (listed,) = api.get(PATH, tags={"team": "sales"})["knowledgeBases"]
    deleted = api.delete(f"{PATH}/{made['id']}")

    assert made["tags"] == {"team": "support", "old": "yes"}
    assert changed == {**made, "name": "Guides", "tags": {"team": "sales"}}
    assert listed == {**changed, "createdAt": "2026-01-01T12:00:00.001Z"}
    assert deleted == {}
    assert api.error("ResourceNotFound", "DELETE", f"{PATH}/{made['id']}")["status"] == 404


def test_knowledge_bases_are_found_by_the_same_conditions_as_files(api: Caller) -> None:
    for team in ("sales", "legal", "support"):
        api.post(PATH, name=team, tags={"team": team, "batch": "1"})
    api.post(PATH, name="nobody", tags={"batch": "1"})

    def names(condition: object) -> list[str]:
        found = api.get(PATH, tags={"batch": "1", "team": condition})["knowledgeBases"]
        return sorted(row["name"] for row in found)

    assert names(["sales", "legal"]) == ["legal", "sales"]
    assert names({"in": ["support"]}) == ["support"]
    assert names({"not": "sales"}) == ["legal", "nobody", "support"]
    assert names({"exists": False}) == ["nobody"]


def test_pages_hold_twenty_the_newest_first_and_each_row_once(api: Caller) -> None:
    names = [f"Base {number}" for number in range(45)]
    for name in names:
        api.post(PATH, name=name, tags={"batch": "1"})
    first = api.get(PATH, tags={"batch": "1"})

    assert len(first["knowledgeBases"]) == 20
    assert [row["name"] for row in api.iterate(PATH, "knowledgeBases", tags={"batch": "1"})] == names[::-1]
    assert [row["name"] for row in api.iterate(PATH, "knowledgeBases", pageSize=7)][:45] == names[::-1]


LIVES = (test_a_knowledge_base_is_made_changed_found_by_its_tags_and_deleted,)
