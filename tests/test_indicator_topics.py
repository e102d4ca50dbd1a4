from assistant.adapters.indicator_topics import topics_of
from tests.factories import case, criterion, document, rubric


def test_a_section_whose_title_names_another_criterion_is_about_something_else():
    levain = criterion(1, attendus=(("Le levain est nourri.", True),), reperage=("levain",))
    vente = criterion(2, attendus=(("La caisse est tenue.", True),), reperage=("vente", "caisse"))
    built = case(document("Rien."), asked=levain).model_copy(
        update={"rubric": rubric(levain, vente)}
    )
    topics = topics_of(built)
    assert topics.belongs_elsewhere("Vente et caisse")
    assert not topics.belongs_elsewhere("Levain de vente")
    assert not topics.belongs_elsewhere("Notre maison")
    assert not topics.belongs_elsewhere("")
