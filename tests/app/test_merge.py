"""No text twice, and no document that fills the list."""

from app.merge import group
from app.ranking import Ranked, Scores


def chunk(text, source="甲.txt", ordinal=0, overlap=0):
    payload = {
        "text": text,
        "source": source,
        "source_id": source,
        "shown": source,
        "ordinal": ordinal,
        "overlap": overlap,
        "title": "",
        "headings": [],
    }
    return Ranked(f"{source} {ordinal}", payload, Scores(), 0.0)


def texts(groups):
    return [g.joined()[0] for g in groups]


def test_chunks_that_overlap_become_one_with_the_overlap_once():
    second, first, third = (
        chunk("二。三。", ordinal=1, overlap=2),
        chunk("一。二。", ordinal=0),
        chunk("三。四。", ordinal=2, overlap=2),
    )
    (one,) = group([second, first, third], top=5)
    assert one.joined() == ("一。二。三。四。", 2)
    assert one.best is second


def test_chunks_that_follow_without_an_overlap_stay_apart():
    assert texts(group([chunk("一。"), chunk("二。", ordinal=1)], top=5)) == ["一。", "二。"]


def test_neighbours_of_another_document_stay_apart():
    assert len(group([chunk("一。"), chunk("一。二。", source="乙.txt", ordinal=1, overlap=2)], top=5)) == 2


def test_a_hit_joins_three_chunks_at_most():
    chunks = [chunk(f"{i}。{i + 1}。", ordinal=i, overlap=2 if i else 0) for i in range(5)]
    assert texts(group(chunks, top=5)) == ["0。1。2。3。", "3。4。5。"]


def test_the_same_text_in_several_files_is_one_hit_that_lists_them():
    (one,) = group([chunk("试用期 六个月"), chunk("試用期六个月\n", source="乙.txt")], top=5)
    assert one.best.payload["source"] == "甲.txt"
    assert [other["source"] for other in one.also] == ["乙.txt"]


def test_copies_and_neighbours_behind_the_last_hit_still_belong_to_it():
    chunks = [chunk("一。"), chunk("别的", source="丙.txt"), chunk("一。", source="乙.txt")]
    chunks += [chunk("一。二。", ordinal=1, overlap=2)]
    (one,) = group(chunks, top=1)
    assert [other["source"] for other in one.also] == ["乙.txt"]
    assert one.joined()[0] == "一。二。"


def test_a_document_has_no_more_hits_than_allowed_and_others_move_up():
    chunks = [chunk(f"第{i}段", ordinal=2 * i) for i in range(4)] + [chunk("别的", source="乙.txt")]
    assert texts(group(chunks, top=3, per_document=2)) == ["第0段", "第1段", "别的"]
    assert texts(group(chunks, top=3)) == ["第0段", "第1段", "第2段"]


def test_no_more_groups_than_asked_for_and_none_of_nothing():
    assert len(group([chunk(str(i), ordinal=2 * i) for i in range(9)], top=4)) == 4
    assert group([], top=4) == []
