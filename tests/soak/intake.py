"""Webhooks received and worked on in a process that is killed at random: the sender sends again what got no answer."""

import random
from multiprocessing.connection import Connection
from pathlib import Path

import orjson
from tests.kernel.jobs.killing import lives
from tests.kernel.jobs.victim import work
from tests.orders.tellings import history, state

from zhanggui.connectors.standard_webhooks import StandardWebhooks, sign
from zhanggui.kernel.commerce import SourceNews, SourceOrder
from zhanggui.kernel.jobs import Jobs
from zhanggui.kernel.storage import Actor, Database, MerchantStore, metadata
from zhanggui.orders import Connections, DeliveriesJob, DeliveryStore, Incoming, Origin, Receiver, SecretBox, take_one

_ACTOR = Actor("person", "tester")
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_LONGEST = 1.0
_ORDERS = 12


def all_news() -> list[SourceNews]:
    """What the shop has to tell, in order."""
    return [one for number in range(_ORDERS) for one in history(f"{1000 + number}")]


def _topic(news: SourceNews) -> str:
    if isinstance(news, SourceOrder):
        return "order.updated"
    return "refund.created" if news.refund else "shipment.updated"


def _open(url: str, data_dir: str) -> tuple[Database, Jobs, Receiver]:
    database = Database(url)
    jobs = Jobs(database, Path(data_dir))
    receiver = Receiver(database, jobs, SecretBox("k" * 40), {"standard": StandardWebhooks()})
    jobs.register(DeliveriesJob(receiver))
    return database, jobs, receiver


def receive_and_work(parent: Connection, url: str, data_dir: str) -> None:
    """One life: the sender sends everything (again), shuffled and some twice, while the jobs work."""
    database, jobs, receiver = _open(url, data_dir)
    news = list(enumerate(all_news()))
    chance = random.Random()  # every life in another order
    mixed = news + chance.sample(news, len(news) // 3)
    chance.shuffle(mixed)

    def send() -> None:
        for number, one in mixed:
            body = orjson.dumps({"type": _topic(one), "data": one})
            headers = sign(_SECRET, f"msg-{number}", database.clock.now(), body)
            receiver.receive(Incoming("standard", "m1", "s1", headers, body))

    work(_AfterReady(parent, send), database, jobs)  # pyright: ignore[reportArgumentType] - sends through to the pipe


class _AfterReady:
    """The pipe to the parent; the deliveries are sent once the jobs are launched."""

    def __init__(self, parent: Connection, begin: object) -> None:
        self._parent, self._begin = parent, begin

    def send(self, word: str) -> None:
        self._parent.send(word)
        if word == "ready":
            self._begin()  # pyright: ignore[reportCallIssue]


def kill_over_intake(url: str, data_dir: Path, *, times: int, seed: int) -> int:
    """How many of `times` deaths found deliveries half worked on; at the end nothing is lost and nothing doubled."""
    database = Database(url)
    metadata.create_all(database.engine)
    MerchantStore(database).create("m1", name="Test shop")
    with database.begin("m1", _ACTOR) as uow:
        Connections(SecretBox("k" * 40), {}).put_secret(uow, "s1", "standard", "webhook", _SECRET)
        for one in all_news():
            take_one(uow, one, Origin("wanted", "test"))
        wanted = state(uow, "wanted")
    half_done = 0
    for death in lives(receive_and_work, url, data_dir, times=times, longest=_LONGEST, seed=seed):
        with database.begin("m1", _ACTOR, read_only=True) as uow:
            counts = DeliveryStore(uow).counts()
        done = sum(many for name, many in counts.items() if name != "queued")
        half_done += death.killed and 0 < done < len(all_news())
    with database.begin("m1", _ACTOR, read_only=True) as uow:
        counts = DeliveryStore(uow).counts()
        assert set(counts) <= {"applied", "stale"} and sum(counts.values()) == len(all_news())
        assert state(uow, "s1") == wanted
    database.close()
    return half_done
