"""A database server that falls in the middle of decisions: said in French, nothing lost."""

import threading
from collections.abc import Iterator

import pytest

from assistant.adapters.sql_store import SqlReviewStore
from assistant.audit import verify
from assistant.errors import StoreServerUnavailable
from tests.postgresql import new_database, running_server, start, stop
from tests.sample_findings import decision, finding

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[str]:
    with running_server() as folder:
        yield folder


class Deciding(threading.Thread):
    """Decides on and on until the store fails; remembers what it was promised."""

    def __init__(self, store: SqlReviewStore) -> None:
        super().__init__()
        self.told: list[str] = []
        self.under_way = threading.Event()
        self.failure: StoreServerUnavailable | None = None
        self._store = store

    def run(self) -> None:
        number = 0
        try:
            while True:
                criterion = f"E9.1/groupe/CE{number}"
                self._store.save_finding("D-1", finding(f"k{number}", criterion_id=criterion))
                self._store.append_decision(decision(criterion, finding_key=f"k{number}"))
                self.told.append(criterion)
                number += 1
                if number == 5:
                    self.under_way.set()
        except StoreServerUnavailable as error:
            self.failure = error


def test_a_server_that_falls_amid_decisions_loses_none_that_was_told(server: str) -> None:
    with SqlReviewStore(new_database(server)) as store:
        deciding = Deciding(store)
        deciding.start()
        assert deciding.under_way.wait(60)
        stop(server)
        deciding.join(60)

        assert deciding.failure is not None, "the failure is one that we foresee"
        assert "serveur de base de données" in deciding.failure.user_message
        with pytest.raises(StoreServerUnavailable) as refused:
            store.append_decision(decision("E9.1/groupe/CE0", finding_key="k0"))
        assert "relancez" in refused.value.user_message

        start(server)
        kept = [d.criterion_id for d in store.decisions("D-1", "E9.1")]
        assert len(kept) == len(set(kept))
        assert set(deciding.told) <= set(kept)
        store.append_decision(decision("E9.1/groupe/CE0", finding_key="k0", comment="après"))
        assert len(store.decisions("D-1", "E9.1")) == len(kept) + 1
        assert verify(store.journal).sound
