"""Who waits is served in the order in which they came."""

import threading

import pytest

from alerts.store.fifo import Fifo


def test_writers_are_served_in_the_order_in_which_they_came():
    fifo, served, threads = Fifo(), [], []

    def serve(n: int) -> None:
        with fifo:
            served.append(n)

    with fifo:
        for n in range(20):
            thread = threading.Thread(target=serve, args=(n,))
            thread.start()
            threads.append(thread)
            while len(fifo._waiting) <= n:  # until it stands in the queue
                thread.join(0.001)
        assert served == []
    for thread in threads:
        thread.join()
    assert served == list(range(20))


def test_one_at_a_time_and_none_lost():
    fifo, count, inside = Fifo(), [0], [0]

    def work() -> None:
        for _ in range(300):
            with fifo:
                inside[0] += 1
                assert inside[0] == 1
                count[0] += 1
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count == [2400]


def test_a_failure_inside_lets_the_next_one_in():
    fifo = Fifo()
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), fifo:
            raise ZeroDivisionError
    with fifo:
        pass
